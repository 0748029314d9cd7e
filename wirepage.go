package monotable

import (
	"errors"
	"reflect"

	"github.com/monotable/monotable/internal/codec/fromwire"
)

// wirePage is the items of one response, in its order.
type wirePage struct {
	call   *wireCall
	items  []wireItem
	groups []*wireGroup // mostly one
	left   int          // items left to the SDK
	keys   []attributes // of the items, if they were asked for; nil of those that were left
	places []int        // of a transaction: which of items is there, -1 for none
	text   *wireBuffer  // the response, if the items' keys may be asked for
}

// wireItem is one item of a response: a value, or one that was left to the SDK. There are many: it has no pointers.
type wireItem struct {
	group int32 // 1 + its group's place in the page; 0 if it was left to the SDK
	place int32 // in the group, or among those that were left
	start int32 // where it is in the response
}

// wireGroup is a page's values of one kind.
type wireGroup struct {
	of     *wireReading
	number int32          // 1 + its place in the page
	list   *fromwire.List // while the response is decoded
	values reflect.Value  // then: a settable []V
	reader *fromwire.Reader
}

// group is the page's group of that kind.
func (p *wirePage) group(of *wireReading) *wireGroup {
	for _, g := range p.groups {
		if g.of == of {
			if g.reader == nil {
				g.reader = of.readers.Get().(*fromwire.Reader)
			}
			return g
		}
	}
	g := &wireGroup{
		of: of, number: int32(len(p.groups) + 1), list: fromwire.NewList(of.typ), values: reflect.New(reflect.SliceOf(of.typ)).Elem(),
		reader: of.readers.Get().(*fromwire.Reader),
	}
	p.groups = append(p.groups, g)
	return g
}

// finish makes the values known and gives the readers back.
func (p *wirePage) finish() {
	for _, g := range p.groups {
		g.values.Set(g.list.Values())
		if g.reader != nil {
			g.reader.Forget()
			g.of.readers.Put(g.reader)
			g.reader = nil
		}
	}
}

// again makes the page ready for another response.
func (p *wirePage) again(c *wireCall) {
	p.release()
	for _, g := range p.groups {
		g.values.SetZero()
		g.list.Reset()
	}
	clear(p.items)
	clear(p.keys)
	*p = wirePage{call: c, items: p.items[:0], groups: p.groups, keys: p.keys[:0]}
}

// release gives the response's memory back. The items' keys are gone with it.
func (p *wirePage) release() {
	if p != nil {
		p.text.release()
		p.text = nil
	}
}

// rows are the rows of a response; left are the items that the SDK decoded, all of them if there is no page.
func (p *wirePage) rows(left []attributes) []row {
	if p == nil {
		list := make([]row, len(left))
		for i, item := range left {
			list[i] = row{entry: item, item: item}
		}
		return list
	}
	list := make([]row, len(p.items))
	for i, item := range p.items {
		if item.group > 0 {
			list[i] = row{entry: p.keysOf(i), page: p, at: i}
			continue
		}
		list[i] = row{entry: left[item.place], item: left[item.place]}
	}
	return list
}

// keysOf are the keys of an item, nil if nobody asked for them.
func (p *wirePage) keysOf(i int) attributes {
	if p.keys == nil {
		return nil
	}
	return p.keys[i]
}

// value is the value of an item that was decoded.
func (p *wirePage) value(i int) reflect.Value {
	item := &p.items[i]
	return p.groups[item.group-1].values.Index(int(item.place))
}

// pointer points to that value, in the page.
func (p *wirePage) pointer(i int) any { return p.value(i).Addr().Interface() }

// values are the values of rows, as a slice in their order; an invalid one where they do not stand in one.
func (r *rows) values() reflect.Value {
	p := r.page
	if p == nil || len(p.groups) != 1 || p.groups[0].values.Len() != len(p.items) {
		return reflect.Value{}
	}
	return p.groups[0].values.Slice3(r.from, r.to, r.to)
}

// take is values that are the caller's from then on: all of a page, since a part would keep the rest in memory.
func (r *rows) take() reflect.Value {
	if r.page == nil || r.to-r.from < len(r.page.items) {
		return reflect.Value{}
	}
	values := r.values()
	if values.IsValid() {
		r.page.groups = nil
	}
	return values
}

// attributes reads a decoded item once more, as the attributes it has.
func (p *wirePage) attributes(i int) (attributes, error) {
	if p.text != nil {
		r := fromwire.NewReader(nil, fromwire.Options{OwnMemory: true})
		if item, _, ok := r.Attributes(p.text.bytes, int(p.items[i].start)); ok {
			return item, nil
		}
	}
	return nil, errors.New("an item's key cannot be read")
}
