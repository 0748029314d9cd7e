package response

import (
	"math"
	"slices"
	"strconv"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/jsonscan"
)

// decode decodes the items of a response and returns what is left of it. Without a page all is left, because the
// response is not as expected or because decoding it went wrong: the SDK will say what is the matter, if anything.
func (c *Call) decode(text []byte) (rest []byte, page *Page) {
	if len(text) > math.MaxInt32 {
		return text, nil
	}
	d := decoding{call: c, of: c.of, text: text, page: c.spare.Swap(nil), rest: make([]byte, 0, 256)}
	switch c.form {
	case FormItem:
		d.count = 1
	case formPlaces:
		d.count = len(c.ofEach)
	}
	if d.page == nil {
		d.page = new(Page)
	}
	d.page.again(c)
	if !d.all() {
		return text, nil
	}
	d.page.finish()
	return d.rest, d.page
}

// decoding is the state of one decode.
type decoding struct {
	call   *Call
	of     *Reading // of the item that is decoded, where types are not mixed
	text   []byte
	page   *Page
	rest   []byte
	copied int // of text, into rest or left out
	found  bool
	count  int    // of items, as the response says; 0 if it does not, or not yet
	last   *group // that of the item before
}

func (d *decoding) all() (ok bool) {
	defer func() {
		// such as of a type's own Unmarshaler: decoded again, it meets it where the caller can see it
		if recover() != nil {
			ok = false
		}
	}()
	end, ok := jsonscan.Members(d.text, 0, d.member)
	if !ok || !d.found && d.call.form != FormItem { // an item that is not there is not in the response either
		return false
	}
	d.copyTo(end)
	for _, c := range d.text[end:] {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func (d *decoding) copyTo(at int) {
	d.rest = append(d.rest, d.text[d.copied:at]...)
	d.copied = at
}

// opens tells that the value at that place begins with c.
func (d *decoding) opens(at int, c byte) bool { return at < len(d.text) && d.text[at] == c }

// member reads a member of the response.
func (d *decoding) member(name []byte, at int) (end int, ok bool) {
	member, opening, read := "Responses", byte('['), d.each
	switch d.call.form {
	case formItems:
		member, read = "Items", d.list
	case FormItem:
		member, opening, read = "Item", '{', d.single
	case FormTables:
		opening, read = '{', d.tables
	}
	if string(name) != member || !d.opens(at, opening) {
		end, ok = jsonscan.Skip(d.text, at)
		if ok && string(name) == "Count" {
			if n, err := strconv.Atoi(string(d.text[at:end])); err == nil {
				d.count = n
			}
		}
		return end, ok
	}
	end, ok = read(at)
	ok = ok && !d.found // a member that is given twice is for others
	d.found = true
	return end, ok
}

// tables reads the lists of items of the tables that a batch asked for, of which there is one.
func (d *decoding) tables(at int) (int, bool) {
	tables := 0
	return jsonscan.Members(d.text, at, func(_ []byte, at int) (int, bool) {
		if tables++; tables > 1 || !d.opens(at, '[') {
			return at, false
		}
		return d.list(at)
	})
}

// each reads what a transaction found at each of its places: an object with an item, or without one.
func (d *decoding) each(at int) (int, bool) {
	return jsonscan.Elements(d.text, at, func(at int) (int, bool) {
		n := len(d.page.places)
		if n == len(d.call.ofEach) || !d.opens(at, '{') {
			return at, false
		}
		d.page.places = append(d.page.places, -1)
		found := false
		return jsonscan.Members(d.text, at, func(name []byte, at int) (int, bool) {
			if string(name) != "Item" || !d.opens(at, '{') {
				return jsonscan.Skip(d.text, at)
			}
			if found {
				return at, false
			}
			found = true
			d.of = d.call.ofEach[n]
			before := len(d.page.Items)
			end, ok := d.single(at)
			if len(d.page.Items) > before {
				d.page.places[n] = before
			}
			return end, ok
		})
	})
}

// single reads an item that is no list's, and leaves an empty one in its place. One without attributes is none.
func (d *decoding) single(at int) (int, bool) {
	if end, empty := jsonscan.Members(d.text, at, func([]byte, int) (int, bool) { return 0, false }); empty {
		return end, true
	}
	d.copyTo(at)
	d.count = max(len(d.call.ofEach), 1)
	end, decoded, ok := d.item(at)
	if decoded {
		d.rest = append(d.rest, '{', '}')
		d.copied = end
	}
	return end, ok
}

// list reads the items of a list, and leaves in it those that are not decoded.
func (d *decoding) list(at int) (int, bool) {
	d.copyTo(at)
	d.rest = append(d.rest, '[')
	left := 0
	end, ok := jsonscan.Elements(d.text, at, func(at int) (int, bool) {
		end, decoded, ok := d.item(at)
		if ok && !decoded {
			if left++; left > 1 {
				d.rest = append(d.rest, ',')
			}
			d.rest = append(d.rest, d.text[at:end]...)
		}
		return end, ok
	})
	d.rest = append(d.rest, ']')
	d.copied = end
	return end, ok
}

// item decodes the item at that place, or leaves it to the SDK.
func (d *decoding) item(at int) (end int, decoded, ok bool) {
	if d.call.collected {
		return d.collected(at)
	}
	of := d.of
	if of == nil {
		end, ok = jsonscan.Skip(d.text, at)
		d.leave(at)
		return end, false, ok
	}
	if d.last == nil || d.last.of != of {
		d.last = d.page.group(of)
	}
	g := d.last
	end, ok = g.reader.Add(g.list, d.text, at, d.count)
	mine := ok && of.isMine(g.reader, d.call.form != formItems)
	if mine && !of.fill(g.reader, g.list.Last()) {
		g.list.Drop()
		ok, mine = false, false
	}
	if mine && of.keyed {
		var keys attr.Item
		if keys, ok = of.keys(g.reader); ok {
			d.page.keys = append(d.page.keys, keys)
		} else {
			g.list.Drop()
		}
	}
	if !ok {
		end, ok = jsonscan.Skip(d.text, at)
		d.leave(at)
		return end, false, ok
	}
	if mine {
		d.keep(g, at)
	} else {
		g.list.Drop()
	}
	return end, true, true
}

// keep makes the value that was added last the page's next item, which is at that place.
func (d *decoding) keep(g *group, at int) {
	p := d.page
	if len(p.Items) == cap(p.Items) {
		p.Items = slices.Grow(p.Items, max(g.list.Room(), 1))
	}
	p.Items = append(p.Items, item{g.number, int32(g.list.Len() - 1), int32(at)})
}

// collected decodes an item of whatever type of the DB: it is guessed to be of the type of the one before.
func (d *decoding) collected(at int) (end int, decoded, ok bool) {
	if g := d.last; g != nil {
		if end, ok = g.reader.Add(g.list, d.text, at, 0); ok {
			if c := g.reader.Captured(0); c.Type == "S" && string(c.Text) == g.of.entity.Name &&
				g.of.fill(g.reader, g.list.Last()) {
				d.keep(g, at)
				return end, true, true
			}
			g.list.Drop()
		}
	}
	if of := d.call.path.Of(d.typeOf(at)); of != nil && (d.last == nil || of != d.last.of) {
		g := d.page.group(of)
		if end, ok = g.reader.Add(g.list, d.text, at, 0); ok {
			if of.fill(g.reader, g.list.Last()) {
				d.last = g
				d.keep(g, at)
				return end, true, true
			}
			g.list.Drop()
		}
	}
	end, ok = jsonscan.Skip(d.text, at)
	d.leave(at)
	return end, false, ok
}

// typeOf is what the entity-type attribute of the item at that place says; "" if that is not certain.
func (d *decoding) typeOf(at int) (name string) {
	attribute := d.call.typeOf
	times := 0
	_, ok := jsonscan.Members(d.text, at, func(member []byte, at int) (int, bool) {
		if string(member) == attribute {
			times++
			_, _ = jsonscan.Members(d.text, at, func(kind []byte, at int) (int, bool) {
				end, ok := jsonscan.Skip(d.text, at)
				if ok && string(kind) == "S" && d.opens(at, '"') {
					name = string(d.text[at+1 : end-1])
				}
				return end, ok
			})
		}
		return jsonscan.Skip(d.text, at)
	})
	if !ok || times != 1 {
		return ""
	}
	return name
}

// leave leaves the item at that place to the SDK.
func (d *decoding) leave(at int) {
	if d.of != nil && d.of.keyed {
		d.page.keys = append(d.page.keys, nil)
	}
	d.page.Items = append(d.page.Items, item{place: int32(d.page.Left), start: int32(at)})
	d.page.Left++
}
