package keytext

// precisions orders the units of times from the coarsest: each of them tells every one that is not finer. Those that
// count from 1970 cut downwards, as the others do.
var precisions = map[string]int{"year": 0, "month": 1, "date": 2, "hour": 3, "min": 4, "s": wholeSeconds,
	"unix": wholeSeconds,
	"ms":   6, "unixms": 6, "us": 7, "ns": wholeTime, "": wholeTime}

const (
	wholeSeconds = 5
	wholeTime    = 8
)

// precision is how much of a time is written; of values that are whole seconds, those are all of it.
func (f Ref) precision(seconds bool) int {
	p := precisions[f.Unit]
	if seconds && p >= wholeSeconds {
		return wholeTime
	}
	return p
}

// Keeps tells whether the text of a field keeps all of its value: a folded string, a cut time and a shard cannot be had
// back. seconds says that the values are times in whole seconds.
func (f Ref) Keeps(seconds bool) bool { return f.Determines(Ref{}, seconds) }

// Determines tells whether values that f writes alike are written alike by other, a reference to the same field: what f
// loses, other loses too. seconds says that the values are times in whole seconds.
//
// The two cases of a string do not determine each other: "ſ" and "s" are one in upper case and two in lower case.
func (f Ref) Determines(other Ref, seconds bool) bool {
	if f.Shards > 0 {
		return f.Shards == other.Shards && f.Lower == other.Lower && f.Upper == other.Upper && f.Unit == other.Unit &&
			f.Digits == other.Digits && f.Decimals == other.Decimals && f.Plain == other.Plain
	}
	return (!f.Lower || other.Lower) && (!f.Upper || other.Upper) && f.precision(seconds) >= other.precision(seconds)
}
