package awsmodel

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

var moment = reflect.TypeFor[time.Time]()

// decode puts the value of a document into one of the SDK. Names are compared letter for letter, since the SDK that Systems Manager uses
// does so.
func decode(value any, into reflect.Value, lowerCamel bool, path string) error {
	switch {
	case into.Kind() == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decode(value, into.Elem(), lowerCamel, path)
	case into.Type() == moment:
		text, _ := value.(string)
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("%s: %v is no time", path, value)
		}
		into.Set(reflect.ValueOf(parsed))
		return nil
	}
	switch into.Kind() {
	case reflect.Struct:
		return decodeStruct(value, into, lowerCamel, path)
	case reflect.Slice:
		list, is := value.([]any)
		if !is {
			return fmt.Errorf("%s: %T is no list", path, value)
		}
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for index, each := range list {
			if err := decode(each, into.Index(index), lowerCamel, fmt.Sprintf("%s[%d]", path, index)); err != nil {
				return err
			}
		}
		return nil
	default:
		return decodeScalar(value, into, path)
	}
}

func decodeStruct(value any, into reflect.Value, lowerCamel bool, path string) error {
	members, is := value.(map[string]any)
	if !is {
		return fmt.Errorf("%s: %T is no structure", path, value)
	}
	for name, each := range members {
		field, known := into.Type().FieldByNameFunc(func(field string) bool { return wire(field, lowerCamel) == name })
		if !known || !field.IsExported() {
			return fmt.Errorf("%s takes no %s", path, name)
		}
		if err := decode(each, into.FieldByIndex(field.Index), lowerCamel, path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

func decodeScalar(value any, into reflect.Value, path string) error {
	switch typed := value.(type) {
	case string:
		if into.Kind() == reflect.String {
			into.SetString(typed)
			return nil
		}
	case bool:
		if into.Kind() == reflect.Bool {
			into.SetBool(typed)
			return nil
		}
	case json.Number:
		if whole, err := typed.Int64(); err == nil && into.CanInt() {
			into.SetInt(whole)
			return nil
		}
	}
	return fmt.Errorf("%s: %v (%T) is no %s", path, value, value, into.Type())
}

// encode is a value of the SDK as a document sees it: without what is not set, and without what is not on the wire.
func encode(value reflect.Value, lowerCamel bool) (any, error) {
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if value.IsNil() {
			return nil, nil
		}
		if member, is := union(value); is {
			return member, nil
		}
		return encode(value.Elem(), lowerCamel)
	case reflect.Struct:
		if value.Type() == moment {
			return value.Interface().(time.Time).Format(time.RFC3339), nil
		}
		all := map[string]any{}
		for index := range value.NumField() {
			field := value.Type().Field(index)
			if !field.IsExported() || field.Name == "ResultMetadata" || value.Field(index).IsZero() {
				continue
			}
			member, err := encode(value.Field(index), lowerCamel)
			if err != nil {
				return nil, err
			}
			all[wire(field.Name, lowerCamel)] = member
		}
		return all, nil
	case reflect.Slice:
		list := []any{}
		for index := range value.Len() {
			member, err := encode(value.Index(index), lowerCamel)
			if err != nil {
				return nil, err
			}
			list = append(list, member)
		}
		return list, nil
	case reflect.String:
		return value.String(), nil
	case reflect.Bool:
		return value.Bool(), nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return value.Int(), nil
	default:
		return nil, fmt.Errorf("%s is not known here", value.Type())
	}
}

// union is a member of one of the SDK's unions, which it calls FieldMemberBooleanValue and which is booleanValue on the wire.
func union(value reflect.Value) (any, bool) {
	if value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return nil, false
	}
	_, name, is := strings.Cut(value.Elem().Type().Name(), "Member")
	inner := value.Elem().FieldByName("Value")
	if !is || !inner.IsValid() {
		return nil, false
	}
	return map[string]any{wire(name, true): inner.Interface()}, true
}

func wire(field string, lowerCamel bool) string {
	if !lowerCamel {
		return field
	}
	letters := []rune(field)
	letters[0] = unicode.ToLower(letters[0])
	return string(letters)
}
