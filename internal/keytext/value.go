package keytext

import (
	"math"
	"time"
)

// Kind is the type of a field, as far as key text goes.
type Kind uint8

// The kinds of fields. None is the kind of a Value that is not set.
const (
	None      Kind = iota
	String         // text, valid UTF-8
	Int            // a signed integer
	Uint           // an unsigned integer
	Float          // a float of 32 or 64 bits
	Number         // a decimal as text, as DynamoDB's numbers are
	Time           // an instant
	Bool           // false before true
	Bytes          // binary
	shardKind      // a shard of whatever kind
)

var kindNames = [...]string{"nothing", "a string", "an integer", "an unsigned integer", "a float", "a number", "a time",
	"a bool", "bytes", "a shard"}

// String names the kind with its article, for a sentence.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "an unknown kind"
}

// Value is the value of one field. The zero Value is one that is not set, which no key can be made of.
type Value struct {
	kind  Kind
	size  uint8 // bits of a float
	bits  uint64
	text  string
	bytes []byte
	time  time.Time
}

// OfString is a string.
func OfString(s string) Value { return Value{kind: String, text: s} }

// OfInt is a signed integer.
func OfInt(i int64) Value { return Value{kind: Int, bits: uint64(i)} }

// OfUint is an unsigned integer.
func OfUint(u uint64) Value { return Value{kind: Uint, bits: u} }

// OfFloat is a 64-bit float: the shortest decimal that reads back as f.
func OfFloat(f float64) Value { return Value{kind: Float, size: 64, bits: math.Float64bits(f)} }

// OfFloat32 is a 32-bit float: the shortest decimal that reads back as f.
func OfFloat32(f float32) Value {
	return Value{kind: Float, size: 32, bits: math.Float64bits(float64(f))}
}

// OfNumber is a decimal in text, in any form that DynamoDB takes.
func OfNumber(decimal string) Value { return Value{kind: Number, text: decimal} }

// OfTime is an instant.
func OfTime(t time.Time) Value { return Value{kind: Time, time: t} }

// OfBool is a bool.
func OfBool(b bool) Value {
	v := Value{kind: Bool}
	if b {
		v.bits = 1
	}
	return v
}

// OfBytes is a binary value. It is not copied.
func OfBytes(b []byte) Value { return Value{kind: Bytes, bytes: b} }

// Kind tells which of the accessors has the value.
func (v Value) Kind() Kind { return v.kind }

// Text is the text of a String or Number.
func (v Value) Text() string { return v.text }

// Int is the value of an Int.
func (v Value) Int() int64 { return int64(v.bits) }

// Uint is the value of a Uint.
func (v Value) Uint() uint64 { return v.bits }

// Float is the value of a Float.
func (v Value) Float() float64 { return math.Float64frombits(v.bits) }

// Time is the value of a Time.
func (v Value) Time() time.Time { return v.time }

// Bool is the value of a Bool.
func (v Value) Bool() bool { return v.bits != 0 }

// Bytes is the value of a Bytes.
func (v Value) Bytes() []byte { return v.bytes }
