package fromwire

// members reads the members of a map, each with read.
func (r *Reader) members(read func(name []byte) bool) bool {
	if !r.in.Take('{') {
		return false
	}
	if r.in.Take('}') {
		return true
	}
	for {
		name, ok := r.in.Quoted()
		if !ok || !r.in.Take(':') || !read(name) {
			return false
		}
		if more, ok := r.in.More('}'); !more || !ok {
			return ok
		}
	}
}

// elements reads the elements of a list, each with read. The list is never nil.
func elements[E any](r *Reader, read func() (E, bool)) ([]E, bool) {
	list := []E{}
	if !r.in.Take('[') {
		return nil, false
	}
	if r.in.Take(']') {
		return list, true
	}
	for {
		e, ok := read()
		if !ok {
			return nil, false
		}
		list = append(list, e)
		if more, ok := r.in.More(']'); !more || !ok {
			return list, ok
		}
	}
}

// binaryElement reads an element of a set of binaries.
func (r *Reader) binaryElement() ([]byte, bool) {
	if !r.in.Take('"') {
		return nil, false
	}
	return r.keepBinary()
}

func (r *Reader) textSet() (list []string, ok bool) {
	ok = r.stringList(tagS, &list)
	return list, ok
}

// stringList decodes a list or a set of strings; set is the type of a set's elements, 0 for a list.
func (r *Reader) stringList(set byte, into *[]string) bool {
	list := r.listed[:0]
	if !r.in.Take('[') {
		return false
	}
	if !r.in.Take(']') {
		for more := true; more; {
			if set == 0 && !r.in.Word(`{"S":"`) || set == tagB || set != 0 && !r.in.Take('"') {
				return false
			}
			text, ok := r.in.Text()
			if !ok || set == 0 && !r.in.Take('}') {
				return false
			}
			list = append(list, r.keep(text))
			if more, ok = r.in.More(']'); !ok {
				return false
			}
		}
	}
	r.listed = list
	*into = r.keepStrings(list)
	return true
}
