// Package scalar turns texts into Go's numbers and times and back, by the quickest way for the texts that are mostly
// met, and tells how long they are.
package scalar

import (
	"math"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/monotable/monotable/internal/codec/failure"
)

// ParseInt is strconv.ParseInt.
func ParseInt(text []byte) (int64, bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	u, ok := shortUint(digits)
	switch {
	case !ok:
		i, err := strconv.ParseInt(string(text), 10, 64)
		return i, err == nil
	case len(digits) < len(text):
		return -int64(u), true
	}
	return int64(u), true
}

// ParseUint is strconv.ParseUint.
func ParseUint(text []byte) (uint64, bool) {
	if u, ok := shortUint(text); ok {
		return u, true
	}
	u, err := strconv.ParseUint(string(text), 10, 64)
	return u, err == nil
}

// shortUint reads 1 to 18 digits.
func shortUint(digits []byte) (u uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	return u, true
}

var powersOf10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// ParseFloat is strconv.ParseFloat. Up to 15 digits and their power of ten are floats without loss, and so is what one
// division makes of them the float that is nearest.
func ParseFloat(text []byte) (float64, bool) {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	var mantissa int64
	point, n := -1, 0
	for i, c := range digits {
		switch {
		case '0' <= c && c <= '9':
			mantissa = mantissa*10 + int64(c-'0')
			n++
		case c == '.' && point < 0:
			point = i
		default:
			n = 16
		}
		if n > 15 {
			break
		}
	}
	if n == 0 || n > 15 {
		f, err := strconv.ParseFloat(string(text), 64)
		return f, err == nil
	}
	f := float64(mantissa)
	if point >= 0 {
		f /= powersOf10[len(digits)-1-point]
	}
	if len(digits) != len(text) {
		f = math.Copysign(f, -1)
	}
	return f, true
}

// GetInt reads an integer of that size.
func GetInt(p unsafe.Pointer, size uintptr) int64 {
	switch size {
	case 8:
		return *(*int64)(p)
	case 4:
		return int64(*(*int32)(p))
	case 2:
		return int64(*(*int16)(p))
	}
	return int64(*(*int8)(p))
}

// GetUint reads an unsigned integer of that size.
func GetUint(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 8:
		return *(*uint64)(p)
	case 4:
		return uint64(*(*uint32)(p))
	case 2:
		return uint64(*(*uint16)(p))
	}
	return uint64(*(*uint8)(p))
}

// SetInt writes an integer of that size; it is false, and writes nothing, if that is too small.
func SetInt(p unsafe.Pointer, size uintptr, i int64) bool {
	switch {
	case size == 8:
		*(*int64)(p) = i
	case size == 4 && int64(int32(i)) == i:
		*(*int32)(p) = int32(i)
	case size == 2 && int64(int16(i)) == i:
		*(*int16)(p) = int16(i)
	case size == 1 && int64(int8(i)) == i:
		*(*int8)(p) = int8(i)
	default:
		return false
	}
	return true
}

// SetUint is SetInt for unsigned integers.
func SetUint(p unsafe.Pointer, size uintptr, u uint64) bool {
	switch {
	case size == 8:
		*(*uint64)(p) = u
	case size == 4 && uint64(uint32(u)) == u:
		*(*uint32)(p) = uint32(u)
	case size == 2 && uint64(uint16(u)) == u:
		*(*uint16)(p) = uint16(u)
	case size == 1 && uint64(uint8(u)) == u:
		*(*uint8)(p) = uint8(u)
	default:
		return false
	}
	return true
}

// SetFloat takes, as reflect does, infinity for a number of either size.
func SetFloat(p unsafe.Pointer, size uintptr, f float64) bool {
	switch {
	case size == 8:
		*(*float64)(p) = f
	case math.Abs(f) > math.MaxFloat32 && !math.IsInf(f, 0):
		return false
	default:
		*(*float32)(p) = float32(f)
	}
	return true
}

// InReach tells the floats that DynamoDB's numbers reach.
func InReach(f float64) bool {
	magnitude := math.Abs(f)
	return magnitude < 1e126 && (magnitude == 0 || magnitude >= 1e-130)
}

// SetNumber writes a number's text into an integer or a float.
func SetNumber(v reflect.Value, text string) error {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return failure.Number(v.Type(), err)
		}
		if v.OverflowInt(i) {
			return failure.Overflow(v.Type())
		}
		v.SetInt(i)
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return failure.Number(v.Type(), err)
		}
		if v.OverflowFloat(f) {
			return failure.Overflow(v.Type())
		}
		v.SetFloat(f)
	default:
		u, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return failure.Number(v.Type(), err)
		}
		if v.OverflowUint(u) {
			return failure.Overflow(v.Type())
		}
		v.SetUint(u)
	}
	return nil
}
