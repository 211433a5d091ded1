package cloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// sealedKey is the only field of the object that stands for a secret.
const sealedKey = "sandbox:sealed"

// assetKey is the only field of the object that stands for a file or an archive.
const assetKey = "sandbox:asset"

// seal replaces every secret in a value by a digest of it, so that the file shows that a secret changed but not what it
// is. The digest is keyed by the resource and the property: equal secrets of two resources look different. Like every
// digest it can be guessed by trying, so whoever may read the file can test a weak secret against it.
func seal(urn, path string, value resource.PropertyValue) (resource.PropertyValue, error) {
	switch {
	case value.IsSecret():
		digest, err := digestOf(urn, path, value.SecretValue().Element)
		return marker(sealedKey, digest), err
	case value.IsOutput():
		inner := value.OutputValue()
		switch {
		case !inner.Known:
			return value, fmt.Errorf("%s: an unknown value cannot be stored", path)
		case inner.Secret:
			return seal(urn, path, resource.MakeSecret(inner.Element))
		}
		return seal(urn, path, inner.Element)
	case value.IsComputed():
		return value, fmt.Errorf("%s: an unknown value cannot be stored", path)
	case value.IsArray():
		elements := make([]resource.PropertyValue, len(value.ArrayValue()))
		for index, element := range value.ArrayValue() {
			sealed, err := seal(urn, fmt.Sprintf("%s[%d]", path, index), element)
			if err != nil {
				return value, err
			}
			elements[index] = sealed
		}
		return resource.NewArrayProperty(elements), nil
	case value.IsObject():
		fields, err := sealMap(urn, path, value.ObjectValue())
		return resource.NewObjectProperty(fields), err
	case value.IsAsset():
		return marker(assetKey, value.AssetValue().Hash), nil
	case value.IsArchive():
		return marker(assetKey, value.ArchiveValue().Hash), nil
	case value.IsResourceReference():
		return resource.NewStringProperty(string(value.ResourceReferenceValue().URN)), nil
	default:
		return value, nil
	}
}

func sealMap(urn, path string, values resource.PropertyMap) (resource.PropertyMap, error) {
	sealed := make(resource.PropertyMap, len(values))
	for key, value := range values {
		below := string(key)
		if path != "" {
			below = path + "." + below
		}
		stored, err := seal(urn, below, value)
		if err != nil {
			return nil, err
		}
		sealed[key] = stored
	}
	return sealed, nil
}

func marker(key resource.PropertyKey, text string) resource.PropertyValue {
	return resource.NewObjectProperty(resource.PropertyMap{key: resource.NewStringProperty(text)})
}

func digestOf(urn, path string, value resource.PropertyValue) (string, error) {
	plain, err := json.Marshal(plainValue(value)) // map keys come out sorted
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	mac := hmac.New(sha256.New, []byte("aplomb sandbox secret\x00"+urn+"\x00"+path))
	mac.Write(plain)
	return "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil)), nil
}

// IsSealed is true for what stands in the cloud for a secret.
func IsSealed(value resource.PropertyValue) bool {
	if !value.IsObject() || len(value.ObjectValue()) != 1 {
		return false
	}
	_, sealed := value.ObjectValue()[sealedKey]
	return sealed
}

// Reveal puts the values that the engine holds back where the cloud has only their digest: at path of the resource urn,
// stored is what the cloud has and held what the engine has. A digest that matches becomes the engine's value; another
// one becomes a secret that says that the value was changed elsewhere, which is a difference.
func Reveal(urn, path string, stored, held resource.PropertyValue) resource.PropertyValue {
	plain := withoutSecret(held)
	switch {
	case IsSealed(stored):
		digest, err := digestOf(urn, path, plain)
		if err == nil && !held.IsNull() && stored.DeepEquals(marker(sealedKey, digest)) {
			return resource.MakeSecret(plain)
		}
		return resource.MakeSecret(resource.NewStringProperty("[changed outside of the program]"))
	case stored.IsArray():
		elements := make([]resource.PropertyValue, len(stored.ArrayValue()))
		for index, element := range stored.ArrayValue() {
			var counterpart resource.PropertyValue
			if plain.IsArray() && index < len(plain.ArrayValue()) {
				counterpart = plain.ArrayValue()[index]
			}
			elements[index] = Reveal(urn, fmt.Sprintf("%s[%d]", path, index), element, counterpart)
		}
		return resource.NewArrayProperty(elements)
	case isAssetMarker(stored):
		if sealed, err := seal(urn, path, plain); err == nil && sealed.DeepEquals(stored) {
			return plain
		}
		return stored
	case stored.IsObject():
		var counterpart resource.PropertyMap
		if plain.IsObject() {
			counterpart = plain.ObjectValue()
		}
		return resource.NewObjectProperty(RevealMap(urn, path, stored.ObjectValue(), counterpart))
	default:
		return stored
	}
}

// RevealMap is Reveal of every property of a map; path is "" for the properties of a resource.
func RevealMap(urn, path string, stored, held resource.PropertyMap) resource.PropertyMap {
	revealed := make(resource.PropertyMap, len(stored))
	for key, value := range stored {
		below := string(key)
		if path != "" {
			below = path + "." + below
		}
		revealed[key] = Reveal(urn, below, value, held[key])
	}
	return revealed
}

func isAssetMarker(value resource.PropertyValue) bool {
	if !value.IsObject() || len(value.ObjectValue()) != 1 {
		return false
	}
	_, asset := value.ObjectValue()[assetKey]
	return asset
}

func withoutSecret(value resource.PropertyValue) resource.PropertyValue {
	for value.IsSecret() || value.IsOutput() {
		if value.IsSecret() {
			value = value.SecretValue().Element
		} else {
			value = value.OutputValue().Element
		}
	}
	return value
}
