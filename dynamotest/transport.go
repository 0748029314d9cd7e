package dynamotest

import (
	"bytes"
	"io"
	"net/http"
)

// Transport is base with a remedy for a race between the SDK and fast servers. The SDK closes a request's body as soon
// as the response's headers are there; if net/http is still busy with that body it takes this for a broken connection
// and drops it, response and all. The retryer hides it, at the cost of time. Transport hands net/http a copy of the
// body that nobody closes.
//
// A nil base is one like http.DefaultTransport that keeps 100 idle connections to a host.
func Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 100
		t.Proxy = nil
		base = t
	}
	return bodyKeeper{base}
}

type bodyKeeper struct{ base http.RoundTripper }

// RoundTrip sends r with a body of its own.
func (k bodyKeeper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return k.base.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if closed := r.Body.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	own := *r
	own.Body = io.NopCloser(bytes.NewReader(body))
	own.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	own.ContentLength = int64(len(body))
	return k.base.RoundTrip(&own)
}
