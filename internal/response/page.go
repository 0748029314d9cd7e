package response

import (
	"errors"
	"reflect"

	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/codec/fromwire"
)

// Page is the items of one response, in its order.
type Page struct {
	call   *Call
	Items  []item
	groups []*group    // mostly one
	Left   int         // items left to the SDK
	keys   []attr.Item // of the items, if they were asked for; nil of those that were left
	places []int       // of a transaction: which of items is there, -1 for none
	text   *buffer     // the response, if the items' keys may be asked for
}

// item is one item of a response: a value, or one that was left to the SDK. There are many: it has no pointers.
type item struct {
	Group int32 // 1 + its group's place in the page; 0 if it was left to the SDK
	place int32 // in the group, or among those that were left
	start int32 // where it is in the response
}

// group is a page's values of one kind.
type group struct {
	of     *Reading
	number int32          // 1 + its place in the page
	list   *fromwire.List // while the response is decoded
	values reflect.Value  // then: a settable []V
	reader *fromwire.Reader
}

// group is the page's group of that kind.
func (p *Page) group(of *Reading) *group {
	for _, g := range p.groups {
		if g.of == of {
			if g.reader == nil {
				g.reader = of.readers.Get().(*fromwire.Reader)
			}
			return g
		}
	}
	g := &group{
		of: of, number: int32(len(p.groups) + 1), list: fromwire.NewList(of.typ),
		values: reflect.New(reflect.SliceOf(of.typ)).Elem(),
		reader: of.readers.Get().(*fromwire.Reader),
	}
	p.groups = append(p.groups, g)
	return g
}

// finish makes the values known and gives the readers back.
func (p *Page) finish() {
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
func (p *Page) again(c *Call) {
	p.release()
	for _, g := range p.groups {
		g.values.SetZero()
		g.list.Reset()
	}
	clear(p.Items)
	clear(p.keys)
	*p = Page{call: c, Items: p.Items[:0], groups: p.groups, keys: p.keys[:0]}
}

// release gives the response's memory back. The items' keys are gone with it.
func (p *Page) release() {
	if p != nil {
		p.text.release()
		p.text = nil
	}
}

// Rows are the rows of a response; left are the items that the SDK decoded, all of them if there is no page.
func (p *Page) Rows(left []attr.Item) []Row {
	if p == nil {
		list := make([]Row, len(left))
		for i, item := range left {
			list[i] = Row{Entry: item, Item: item}
		}
		return list
	}
	list := make([]Row, len(p.Items))
	for i, item := range p.Items {
		if item.Group > 0 {
			list[i] = Row{Entry: p.keysOf(i), Page: p, At: i}
			continue
		}
		list[i] = Row{Entry: left[item.place], Item: left[item.place]}
	}
	return list
}

// keysOf are the keys of an item, nil if nobody asked for them.
func (p *Page) keysOf(i int) attr.Item {
	if p.keys == nil {
		return nil
	}
	return p.keys[i]
}

// Value is the value of an item that was decoded.
func (p *Page) Value(i int) reflect.Value {
	item := &p.Items[i]
	return p.groups[item.Group-1].values.Index(int(item.place))
}

// Pointer points to that value, in the page.
func (p *Page) Pointer(i int) any { return p.Value(i).Addr().Interface() }

// Values are the values of rows, as a slice in their order; an invalid one where they do not stand in one.
func (r *Rows) Values() reflect.Value {
	p := r.Page
	if p == nil || len(p.groups) != 1 || p.groups[0].values.Len() != len(p.Items) {
		return reflect.Value{}
	}
	return p.groups[0].values.Slice3(r.from, r.To, r.To)
}

// Take is values that are the caller's from then on: all of a page, since a part would keep the rest in memory.
func (r *Rows) Take() reflect.Value {
	if r.Page == nil || r.To-r.from < len(r.Page.Items) {
		return reflect.Value{}
	}
	values := r.Values()
	if values.IsValid() {
		r.Page.groups = nil
	}
	return values
}

// Attributes reads a decoded item once more, as the attributes it has.
func (p *Page) Attributes(i int) (attr.Item, error) {
	if p.text != nil {
		r := fromwire.NewReader(nil, fromwire.Options{OwnMemory: true})
		if item, _, ok := r.Attributes(p.text.bytes, int(p.Items[i].start)); ok {
			return item, nil
		}
	}
	return nil, errors.New("an item's key cannot be read")
}
