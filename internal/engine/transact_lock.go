package engine

import (
	"slices"
	"strings"
)

// lockedTables are the tables of one transaction, all locked.
type lockedTables struct {
	tables  []*table // in the order of their names, in which all transactions lock them
	writing bool
}

func compareNames(a, b string) int { return strings.Compare(tableName(a), tableName(b)) }

// lockAll locks the tables of a transaction, for reading or for writing.
func (e *Engine) lockAll(names []string, writing bool) (*lockedTables, error) {
	l := &lockedTables{writing: writing}
	for _, name := range names {
		t, err := e.existing(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(l.tables, t) {
			continue
		}
		l.tables = append(l.tables, t)
	}
	slices.SortFunc(l.tables, func(a, b *table) int { return strings.Compare(a.name, b.name) })
	for _, t := range l.tables {
		if writing {
			t.mu.Lock()
		} else {
			t.mu.RLock()
		}
	}
	for _, t := range l.tables {
		if err := t.ready(); err != nil {
			l.unlock()
			return nil, err
		}
	}
	return l, nil
}

func (l *lockedTables) unlock() {
	for _, t := range l.tables {
		if l.writing {
			t.mu.Unlock()
		} else {
			t.mu.RUnlock()
		}
	}
}

// table finds one of the locked tables.
func (l *lockedTables) table(nameOrARN string) *table {
	name := tableName(nameOrARN)
	for _, t := range l.tables {
		if t.name == name {
			return t
		}
	}
	return nil
}
