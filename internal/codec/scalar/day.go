package scalar

import "time"

// Day is a day as a time's text begins with it, "2026-11-22T", and the second that it begins with.
type Day struct {
	text  [11]byte
	start int64
}

// Parse is time.Parse with RFC 3339. The form that times are mostly stored in, in UTC, is read here; a day that came
// before is not counted again.
func (d *Day) Parse(text []byte) (time.Time, bool) {
	if t, ok := d.UTC(text); ok {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, string(text))
	return t, err == nil
}

// UTC reads "2026-11-22T10:00:00Z" with or without up to nine digits of a fraction, and nothing else.
func (d *Day) UTC(text []byte) (t time.Time, ok bool) {
	n := len(text) - 1
	if n < 19 || n > 29 || text[n] != 'Z' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return t, false
	}
	if string(text[:11]) != string(d.text[:]) && !d.begin(text) {
		return t, false
	}
	hour, minute, second := two(text[11:]), two(text[14:]), two(text[17:])
	if hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	nanosecond := 0
	if n > 19 {
		if text[19] != '.' || n == 20 {
			return t, false
		}
		for _, c := range text[20:n] {
			if c -= '0'; c > 9 {
				return t, false
			}
			nanosecond = nanosecond*10 + int(c)
		}
		for range 29 - n {
			nanosecond *= 10
		}
	}
	return time.Unix(d.start+int64(hour*3600+minute*60+second), int64(nanosecond)).UTC(), true
}

// begin makes the day that text begins with the day.
func (d *Day) begin(text []byte) bool {
	if text[4] != '-' || text[7] != '-' {
		return false
	}
	century, year, month, day := two(text), two(text[2:]), two(text[5:]), two(text[8:])
	if max(century, year, month, day) > 99 {
		return false
	}
	year += century * 100
	start := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if start.Year() != year || start.Month() != time.Month(month) || start.Day() != day { // there is no such day
		return false
	}
	copy(d.text[:], text)
	d.start = start.Unix()
	return true
}

// two reads two digits; what is none gives a large number.
func two(text []byte) int {
	tens, units := text[0]-'0', text[1]-'0'
	if tens > 9 || units > 9 {
		return 1000
	}
	return int(tens)*10 + int(units)
}

// Append writes t, a time in UTC, as time.RFC3339Nano does. It is false for a year that has not four digits.
func (d *Day) Append(dst []byte, t time.Time) ([]byte, bool) {
	const secondsOfDay = 24 * 60 * 60
	second := t.Unix() - d.start
	if second < 0 || second >= secondsOfDay || d.text[10] != 'T' {
		var space [32]byte
		day := t.AppendFormat(space[:0], "2006-01-02T")
		if len(day) != len(d.text) || day[0] == '-' {
			return dst, false
		}
		copy(d.text[:], day)
		second = ((t.Unix() % secondsOfDay) + secondsOfDay) % secondsOfDay
		d.start = t.Unix() - second
	}
	dst = append(dst, d.text[:]...)
	dst = appendTwo(dst, int(second/3600), ':')
	dst = appendTwo(dst, int(second/60%60), ':')
	dst = appendTwo(dst, int(second%60), '.')
	nanosecond := t.Nanosecond()
	if nanosecond == 0 {
		dst[len(dst)-1] = 'Z'
		return dst, true
	}
	for unit := 100_000_000; nanosecond > 0; unit /= 10 {
		dst = append(dst, byte('0'+nanosecond/unit))
		nanosecond %= unit
	}
	return append(dst, 'Z'), true
}

// appendTwo writes two digits and what stands behind them.
func appendTwo(dst []byte, n int, behind byte) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10), behind)
}

// Bounds of Unix seconds within which the year is one of 0000 to 9999 wherever the clock stands.
const (
	firstSecond = -62167219200 + 86400 // a day after 0000-01-01T00:00:00Z
	lastSecond  = 253402300799 - 86400 // a day before 9999-12-31T23:59:59Z
)

// WritesZone tells whether RFC 3339 can write the offset of t's zone: whole minutes, of less than a day. A time
// elsewhere, such as before the zones of today, is written in UTC, so that it stays the same instant.
func WritesZone(t time.Time) bool {
	_, offset := t.Zone()
	return offset%60 == 0 && -24*60*60 < offset && offset < 24*60*60
}

// TimeSize is the bytes of a time's text; not ok for a year that RFC 3339 cannot write.
func TimeSize(t time.Time) (bytes int, ok bool) {
	if t.Location() != time.UTC && !WritesZone(t) {
		t = t.UTC()
	}
	if second := t.Unix(); second < firstSecond || second > lastSecond {
		if year := t.Year(); year < 0 || year > 9999 {
			return 0, false
		}
	}
	bytes = len("2006-01-02T15:04:05Z")
	if fraction := t.Nanosecond(); fraction != 0 {
		bytes += len(".000000000")
		for ; fraction%10 == 0; fraction /= 10 {
			bytes--
		}
	}
	if t.Location() != time.UTC {
		if _, offset := t.Zone(); offset != 0 {
			bytes += len("+07:00") - len("Z")
		}
	}
	return bytes, true
}
