package plan

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// PriceSheet is what DynamoDB costs in one region, as of a date. Prices returns those that come with the package;
// ReadPrices reads your own, for other regions, discounts and later prices. Its JSON is that of the files in the prices
// folder.
type PriceSheet struct {
	Region        string       `json:"region"`
	Currency      string       `json:"currency"`
	Date          string       `json:"date"`   // year and month, or day, at which the prices held: "2026-10"
	Source        string       `json:"source"` // where they were read
	HoursPerMonth float64      `json:"hours_per_month"`
	BytesPerGB    float64      `json:"bytes_per_gb"`
	Standard      ClassPrices  `json:"standard"`
	Infrequent    *ClassPrices `json:"infrequent_access,omitempty"` // the Standard-Infrequent Access table class
	// what a reserved unit costs an hour, upfront payment spread
	Reserved *HourPrices `json:"reserved,omitempty"`
	FreeTier *FreeTier   `json:"free_tier,omitempty"`
}

// ClassPrices are the prices of a table class.
type ClassPrices struct {
	OnDemand    RequestPrices `json:"on_demand"`
	Provisioned HourPrices    `json:"provisioned"`
	StorageGB   float64       `json:"storage_gb_month"` // of a GB in a month
}

// RequestPrices are those of a million request units.
type RequestPrices struct {
	Read  float64 `json:"read_million"`
	Write float64 `json:"write_million"`
}

// HourPrices are those of a capacity unit in an hour.
type HourPrices struct {
	Read  float64 `json:"read_hour"`
	Write float64 `json:"write_hour"`
}

// FreeTier is what a month has free in the Standard table class: provisioned units, and bytes of storage in GB.
type FreeTier struct {
	Read      float64 `json:"read_units"`
	Write     float64 `json:"write_units"`
	StorageGB float64 `json:"storage_gb"`
}

//go:embed prices/*.json
var sheets embed.FS

// Prices returns the price sheet of a region that comes with the package. The error names the regions that there are.
func Prices(region string) (*PriceSheet, error) {
	f, err := sheets.Open("prices/" + region + ".json")
	if err != nil {
		entries, _ := sheets.ReadDir("prices")
		var regions []string
		for _, e := range entries {
			regions = append(regions, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
		}
		return nil,
			fmt.Errorf("plan: Prices: no price sheet of region %q is here, only of %s: read your own with ReadPrices",
				region, strings.Join(regions, ", "))
	}
	defer f.Close()
	return ReadPrices(f)
}

// ReadPrices reads a price sheet as JSON. Unknown fields are refused, so that a slip in a name is no price of 0.
func ReadPrices(r io.Reader) (*PriceSheet, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("plan: ReadPrices: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var s PriceSheet
	if err := decoder.Decode(&s); err != nil {
		return nil, fmt.Errorf("plan: ReadPrices: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("plan: ReadPrices: more follows the price sheet")
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("plan: ReadPrices: %w", err)
	}
	return &s, nil
}

var sheetDate = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$`)

// Validate reports everything that is wrong with a sheet: what is not there, and prices that are no numbers or out of
// all bounds.
func (s *PriceSheet) Validate() error {
	c := checks{place: "price sheet "}
	c.ok(s.Region != "", "has no region")
	c.ok(s.Currency != "", "has no currency")
	c.ok(sheetDate.MatchString(s.Date), "has date %q: it is a month, 2026-10, or a day", s.Date)
	c.ok(s.Source != "", "has no source")
	c.within("hours_per_month", s.HoursPerMonth, 600, 800)
	c.within("bytes_per_gb", s.BytesPerGB, 1e9, 1<<30)
	const most = 1e6 // of any currency's unit
	price := func(what string, v float64) {
		c.within(what, v, 0, most)
		c.ok(v != 0, "has no %s", what)
	}
	for _, class := range s.classes() {
		price(class.key+".on_demand.read_million", class.OnDemand.Read)
		price(class.key+".on_demand.write_million", class.OnDemand.Write)
		price(class.key+".provisioned.read_hour", class.Provisioned.Read)
		price(class.key+".provisioned.write_hour", class.Provisioned.Write)
		price(class.key+".storage_gb_month", class.StorageGB)
	}
	if s.Reserved != nil {
		price("reserved.read_hour", s.Reserved.Read)
		price("reserved.write_hour", s.Reserved.Write)
	}
	if f := s.FreeTier; f != nil {
		c.within("free_tier.read_units", f.Read, 0, maxRate)
		c.within("free_tier.write_units", f.Write, 0, maxRate)
		c.within("free_tier.storage_gb", f.StorageGB, 0, maxRate)
	}
	return errors.Join(c.errs...)
}

// class is a table class of a sheet.
type class struct {
	Class
	key string
	ClassPrices
}

// Class is a table class, by DynamoDB's name.
type Class string

// The table classes.
const (
	Standard                 Class = "STANDARD"
	StandardInfrequentAccess Class = "STANDARD_INFREQUENT_ACCESS"
)

func (s *PriceSheet) classes() []class {
	classes := []class{{Standard, "standard", s.Standard}}
	if s.Infrequent != nil {
		classes = append(classes, class{StandardInfrequentAccess, "infrequent_access", *s.Infrequent})
	}
	return slices.Clip(classes)
}
