package shop

import "iter"

// RegionOf is the region that orders to a country are shipped from: "eu", "na", or "other".
func RegionOf(country string) string {
	switch country {
	case "AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL":
		return "eu"
	case "CA", "MX", "US":
		return "na"
	}
	return "other"
}

// all collects what a query yields.
func all[T any](found iter.Seq2[T, error]) ([]T, error) {
	var items []T
	for item, err := range found {
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
