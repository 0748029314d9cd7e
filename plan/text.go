package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// numberText writes a number for people: thousands apart, three digits where it is small.
func numberText(v float64) string {
	switch {
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	case math.Abs(v) >= 1000:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	case math.Abs(v) >= 100:
		return trimmed(strconv.FormatFloat(v, 'f', 1, 64))
	case math.Abs(v) >= 1:
		return trimmed(strconv.FormatFloat(v, 'f', 2, 64))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func trimmed(text string) string { return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") }

// grouped puts commas between the thousands of a whole number.
func grouped(text string) string {
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// moneyText writes an amount, cents while they matter.
func moneyText(v float64) string {
	if v != 0 && math.Abs(v) < 0.005 {
		return "<0.01"
	}
	text := strconv.FormatFloat(v, 'f', 2, 64)
	whole, cents, _ := strings.Cut(text, ".")
	return grouped(whole) + "." + cents
}

// percentText writes a share of 1.
func percentText(share float64) string {
	switch p := 100 * share; {
	case p == 0:
		return "0%"
	case p < 0.1:
		return "<0.1%"
	case p < 10:
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + "%"
	}
}

// bytesText writes a number of bytes.
func bytesText(v float64) string {
	units := []string{"bytes", "KB", "MB", "GB", "TB", "PB"}
	i := 0
	for v >= 1024 && i < len(units)-1 {
		v /= 1024
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f bytes", v)
	}
	return trimmed(strconv.FormatFloat(v, 'f', 1, 64)) + " " + units[i]
}

// countText is a number of things.
func countText(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return numberText(float64(n)) + " " + many
}
