//go:build !oracle

package monotable_test

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/monotable/monotable"
)

// probe is the type of random models: a field of each kind that templates treat in a way of its own.
type probe struct {
	ID     string    `dynamodbav:"id"`
	Tenant string    `dynamodbav:"tenant"`
	Email  string    `dynamodbav:"email,omitempty"`
	Status string    `dynamodbav:"status,omitempty"`
	At     time.Time `dynamodbav:"at"`
	Due    time.Time `dynamodbav:"due,unixtime"`
	N      int       `dynamodbav:"n"`
	F      float64   `dynamodbav:"f,omitempty"`
	Flag   bool      `dynamodbav:"flag,omitempty"`
	Rank   *int      `dynamodbav:"rank,omitempty"`
	Note   string    `dynamodbav:"note,omitempty"`
}

// piece is one field of a template, with what it means in words of its own.
type piece struct {
	path  string
	fold  string // "lower", "upper"
	unit  string // of times
	shard int
	text  string // between the braces
}

func (p piece) String() string { return "{" + p.text + "}" }

// pieces are the fields that templates are drawn from.
var pieces = func() (all []piece) {
	for _, text := range []string{
		"id", "tenant", "email", "email|lower", "email|upper", "email|raw", "status", "status|upper",
		"at", "at|year", "at|month", "at|date", "at|hour", "at|min", "at|s", "at|ms", "at|us", "at|ns", "at|unix",
		"at|unixms", "at|hour|desc",
		"due", "due|month", "due|date", "due|hour", "due|s", "due|unix|desc", "due|ms",
		"n:3", "n|desc", "n|plain", "f:4.2", "flag", "rank:2",
		"id|shard:3", "email|shard:3", "email|lower|shard:4", "at|date|shard:2", "at|shard:3", "n|shard:2",
		"n:3|shard:4", "tenant:1", "status:3|upper", "status:3|shard:2",
	} {
		p := piece{text: text}
		parts := strings.Split(text, "|")
		p.path, _, _ = strings.Cut(parts[0], ":")
		for _, modifier := range parts[1:] {
			if shards, ok := strings.CutPrefix(modifier, "shard:"); ok {
				p.shard, _ = strconv.Atoi(shards)
				continue
			}
			switch modifier {
			case "lower", "upper":
				p.fold = modifier
			case "desc", "plain", "raw":
			default:
				p.unit = modifier
			}
		}
		all = append(all, p)
	}
	return all
}()

// stored is a probe as it is read back: a unixtime in whole seconds.
func (x probe) stored() probe {
	if x.Due.IsZero() {
		return x
	}
	x.Due = time.Unix(x.Due.Unix(), 0)
	return x
}

// value is a field of a probe in words of the template: what of it the template keeps, as text that is equal for
// equals; "" for a field that is not set.
func (p piece) value(x probe) string {
	x = x.stored()
	var text string
	switch p.path {
	case "id":
		text = x.ID
	case "tenant":
		text = x.Tenant
	case "email":
		text = x.Email
	case "status":
		text = x.Status
	case "at":
		return p.time(x.At)
	case "due":
		return p.time(x.Due)
	case "n":
		return strconv.Itoa(x.N)
	case "f":
		return strconv.FormatFloat(x.F, 'f', -1, 64)
	case "flag":
		return strconv.FormatBool(x.Flag)
	case "rank":
		if x.Rank == nil {
			return ""
		}
		return strconv.Itoa(*x.Rank)
	}
	switch p.fold {
	case "lower":
		return strings.ToLower(text)
	case "upper":
		return strings.ToUpper(text)
	}
	return text
}

// layouts of the precisions, as the package comment and the developer guide of templates have them.
var layouts = map[string]string{
	"year": "2006", "month": "2006-01", "date": "2006-01-02", "hour": "2006-01-02T15Z", "min": "2006-01-02T15:04Z",
	"s":  "2006-01-02T15:04:05Z",
	"ms": "2006-01-02T15:04:05.000Z", "us": "2006-01-02T15:04:05.000000Z", "ns": "2006-01-02T15:04:05.000000000Z",
	"": "2006-01-02T15:04:05.000000000Z",
}

func (p piece) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	switch p.unit {
	case "unix":
		return strconv.FormatInt(t.Unix(), 10)
	case "unixms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return t.UTC().Format(layouts[p.unit])
}

// key is the field's text in a key, for values that are neither negative nor have the separator in them; "" if it is
// not set.
func (p piece) key(x probe) string {
	value := p.value(x)
	if value == "" {
		return ""
	}
	text := value
	modifiers := "|" + p.text + "|"
	switch {
	case strings.Contains(modifiers, "|plain|"):
	case p.path == "flag":
		text = map[string]string{"true": "1", "false": "0"}[value]
	case p.path == "f":
		text = fmt.Sprintf("%07.2f", x.F)
	case p.path == "n" && strings.Contains(p.text, ":3"):
		text = fmt.Sprintf("%03d", x.N)
	case p.path == "n":
		text = fmt.Sprintf("%019d", x.N)
	case p.path == "rank":
		text = fmt.Sprintf("%02d", *x.Rank)
	case p.unit == "unix":
		text = strings.Repeat("0", 12-len(value)) + value
	case p.unit == "unixms":
		text = strings.Repeat("0", 15-len(value)) + value
	}
	if strings.Contains(modifiers, "|desc|") {
		text = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return '9' - r + '0'
			}
			return r
		}, text)
	}
	if p.shard > 0 {
		sum := sha256.Sum256([]byte(text))
		return strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])%uint64(p.shard), 10)
	}
	return text
}

// template is a list of pieces between literals.
type template struct {
	lead   string
	pieces []piece
}

func (t template) String() string {
	texts := make([]string, len(t.pieces))
	for i, p := range t.pieces {
		texts[i] = p.String()
	}
	return t.lead + strings.Join(texts, "#")
}

// key is the text that the template makes of a probe; "" where it lacks a field.
func (t template) key(x probe) string {
	texts := make([]string, len(t.pieces))
	for i, p := range t.pieces {
		if texts[i] = p.key(x); texts[i] == "" {
			return ""
		}
	}
	return t.lead + strings.Join(texts, "#")
}

func (t template) has(is func(piece) bool) bool {
	return slices.ContainsFunc(t.pieces, is)
}

// drawTemplate draws up to most pieces, of which one may be a shard if that is wanted.
func drawTemplate(t *rapid.T, name, lead string, most int, from []piece) template {
	drawn := rapid.SliceOfN(rapid.SampledFrom(from), 1, most).Draw(t, name)
	made, sharded := template{lead: lead}, false
	for _, p := range drawn {
		if p.shard > 0 && sharded {
			continue
		}
		sharded = sharded || p.shard > 0
		made.pieces = append(made.pieces, p)
	}
	return made
}

// piecesOf are those of some paths.
func piecesOf(paths ...string) (some []piece) {
	for _, p := range pieces {
		for _, path := range paths {
			if p.path == path {
				some = append(some, p)
			}
		}
	}
	return some
}

var probeEmails = []string{"ann@x", "Ann@x", "ANN@x", "bob@x", "ſ@x", "s@x", "S@x", "İ@x", "i@x"}

// probeTimes are near each other, in several zones.
var probeTimes = func() (all []time.Time) {
	at := time.Date(2026, 3, 31, 23, 59, 59, 999_999_999, time.UTC)
	zones := []*time.Location{time.UTC, time.FixedZone("", 2*60*60), time.FixedZone("", -8*60*60)}
	for i, step := range []time.Duration{0, 1, time.Microsecond, 2 * time.Millisecond, time.Second, time.Minute,
		time.Hour, 9 * time.Hour, -9 * time.Hour, -40 * 24 * time.Hour} {
		all = append(all, at.Add(step).In(zones[i%len(zones)]))
	}
	return all
}()

func drawProbe(t *rapid.T, id string) probe {
	x := probe{
		ID: id, Tenant: rapid.SampledFrom([]string{"t", "u"}).Draw(t, "tenant"),
		Email:  rapid.SampledFrom(probeEmails).Draw(t, "email"),
		Status: rapid.SampledFrom([]string{"", "new", "New"}).Draw(t, "status"),
		At:     rapid.SampledFrom(probeTimes).Draw(t, "at"),
		Due:    rapid.SampledFrom(probeTimes).Draw(t, "due"), N: rapid.IntRange(0, 3).Draw(t, "n"),
		F: rapid.SampledFrom([]float64{0, 0.5, 2, 10.25}).Draw(t, "f"), Flag: rapid.Bool().Draw(t, "flag"),
	}
	if rapid.Bool().Draw(t, "ranked") {
		x.Rank = new(rapid.IntRange(0, 2).Draw(t, "rank"))
	}
	return x
}

// probes is the table of random models: made keys, and an index of several attributes, some of them T's own.
var probes = monotable.Schema{
	Name: "probes", Partition: monotable.S("PK"), Sort: monotable.S("SK"),
	Indexes: []monotable.Index{
		{Name: "made", Partition: monotable.S("GP"), Sort: monotable.S("GS")},
		{Name: "several", Partition: monotable.S("tenant").S("MP"), Sort: monotable.S("MS").N("n").S("MT")},
		{Name: "own", Partition: monotable.S("OP"), Sort: monotable.N("due")},
	},
}
