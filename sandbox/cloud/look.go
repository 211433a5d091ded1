package cloud

import (
	"context"
	"fmt"
)

// List is a copy of every resource, sorted by account, Region, type and id.
func (c *Cloud) List() ([]Resource, error) {
	var all []Resource
	err := c.View(func(tx *Tx) error {
		for _, key := range tx.state.keys {
			all = append(all, copyOf(&tx.state.entries[key].resource))
		}
		return nil
	})
	return all, err
}

// Get is a copy of one resource. The error wraps ErrNotFound when there is none.
func (c *Cloud) Get(key Key) (Resource, error) {
	var got Resource
	err := c.View(func(tx *Tx) error {
		found := tx.Get(key)
		if found == nil {
			return fmt.Errorf("%s: %w", key, ErrNotFound)
		}
		got = copyOf(found)
		return nil
	})
	return got, err
}

// Edit changes one resource behind the engine's back, as somebody in the AWS console would: change is given a copy, whose
// Outputs are what a refresh will see. Its key, URN and serial cannot change. The error wraps ErrNotFound when there is
// no such resource.
func (c *Cloud) Edit(ctx context.Context, key Key, change func(*Resource) error) error {
	return c.Update(ctx, func(tx *Tx) error {
		found := tx.Get(key)
		if found == nil {
			return fmt.Errorf("%s: %w", key, ErrNotFound)
		}
		edited := copyOf(found)
		if err := change(&edited); err != nil {
			return err
		}
		edited.Key, edited.URN, edited.Serial = found.Key, found.URN, found.Serial
		return tx.Update(edited)
	})
}

// Remove deletes one resource behind the engine's back, whatever depends on it. The error wraps ErrNotFound when there is
// no such resource.
func (c *Cloud) Remove(ctx context.Context, key Key) error {
	return c.Update(ctx, func(tx *Tx) error {
		if !tx.Delete(key) {
			return fmt.Errorf("%s: %w", key, ErrNotFound)
		}
		return nil
	})
}
