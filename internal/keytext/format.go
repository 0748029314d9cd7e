package keytext

import "fmt"

// Format makes the key of the values that get returns for each field, by its index in Fields. An error is an *Error
// that names the field: it is unset (the zero Value), an empty string, empty bytes, a zero time, not of the field's
// kind, or does not fit; or get failed, and its error is wrapped.
func (b *Bound) Format(get func(i int) (Value, error)) (string, error) {
	var buffer [128]byte
	key := append(buffer[:0], b.template.lead...)
	for i := range b.segments {
		s := &b.segments[i]
		v, err := get(i)
		if err != nil {
			return "", &Error{Template: b.template.text, Field: s.Path, Offset: -1, Reason: "its value cannot be had",
				Err: err}
		}
		if key, err = b.append(key, s, v); err != nil {
			return "", err
		}
	}
	return string(key), nil
}

// Prefix is what exactly those keys begin with whose first fields have these values: it ends with the whole literal
// behind the last of them, so that order 34 is not order 340. No values give the literal before the first field, and
// all of them the whole key, to be compared for equality.
func (b *Bound) Prefix(values []Value) (string, error) {
	var buffer [128]byte
	key, err := b.prefix(buffer[:0], values)
	return string(key), err
}

// Append adds the key of all the fields' values to dst.
func (b *Bound) Append(dst []byte, values []Value) ([]byte, error) {
	if len(values) != len(b.segments) {
		return nil, &Error{Template: b.template.text, Offset: -1,
			Reason: fmt.Sprintf("it has %d fields, and was given %d values",
				len(b.segments), len(values))}
	}
	return b.prefix(dst, values)
}

func (b *Bound) prefix(dst []byte, values []Value) ([]byte, error) {
	if len(values) > len(b.segments) {
		return nil, &Error{Template: b.template.text, Offset: -1,
			Reason: fmt.Sprintf("it has %d fields, and was given %d values",
				len(b.segments), len(values))}
	}
	dst = append(dst, b.template.lead...)
	for i, v := range values {
		var err error
		if dst, err = b.append(dst, &b.segments[i], v); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// append adds the field's text and the literal behind it.
func (b *Bound) append(dst []byte, s *segment, v Value) ([]byte, error) {
	dst, reason := s.append(dst, v)
	if reason != "" {
		return nil, b.template.refuse(s.Ref, reason)
	}
	return append(dst, s.after...), nil
}
