package engine

import "context"

// readPage reads a page: locate says, under the table's lock, where; x is nil for the table itself.
func (e *Engine) readPage(
	ctx context.Context, operation string, r *pageRequest, locate func(t *table, x *index) (location, error),
) (*pageResult, error) {
	var page collected
	err := e.eventually(ctx, r.consistent, r.table, func(t *table) error {
		x, err := r.indexOf(t)
		if err != nil {
			return err
		}
		at, err := locate(t, x)
		if err != nil {
			return err
		}
		page = r.collect(t, x, at)
		return t.admitPage(x, at.partition, page.units)
	})
	if err != nil {
		return nil, err
	}
	e.charged(ctx, operation, &page.units, nil)
	return r.finish(page)
}
