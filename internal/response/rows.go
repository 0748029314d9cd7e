package response

import "github.com/monotable/monotable/internal/attr"

// Row is one item read: the entry as the table or index gave it, or its keys alone, and the whole item where that was
// read as well, or its place in a page that is decoded already. Of such a page there may be no entry.
type Row struct {
	Entry, Item attr.Item
	Page        *Page
	At          int
}

// Rows are items of one response: a list, or a part of a page that is decoded already.
type Rows struct {
	List     []Row
	Page     *Page
	from, To int
}

func (r *Rows) Len() int {
	if r.Page != nil {
		return r.To - r.from
	}
	return len(r.List)
}

func (r *Rows) At(i int) Row {
	if r.Page != nil {
		return Row{Entry: r.Page.keysOf(r.from + i), Page: r.Page, At: r.from + i}
	}
	return r.List[i]
}

func (r *Rows) First(n int) Rows {
	if r.Page != nil {
		return Rows{Page: r.Page, from: r.from, To: r.from + n}
	}
	return Rows{List: r.List[:n]}
}

func (r *Rows) All() []Row {
	if r.Page == nil {
		return r.List
	}
	list := make([]Row, r.Len())
	for i := range list {
		list[i] = r.At(i)
	}
	return list
}
