package read

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable/internal/attr"
	"github.com/monotable/monotable/internal/cause"
	"github.com/monotable/monotable/internal/entity"
	"github.com/monotable/monotable/internal/response"
)

var errPaced = errors.New("Pace is for calls of many requests")

// Get reads the item with key's key attributes into result.
func (r *Reader) Get(ctx context.Context, key reflect.Value, s *Settings, result reflect.Value) error {
	if r == nil {
		return cause.NotMade
	}
	if s.Paced {
		return errPaced
	}
	primary, err := r.PrimaryKey(key)
	if err != nil {
		return err
	}
	of, err := r.getPrimary(ctx, primary, r.Form.Partial, r.Form.Wire.ByKey(response.FormItem, s.Unexpired), s)
	if err != nil {
		return cause.At(err, primary)
	}
	if of.Page != nil {
		result.Set(of.Page.Value(of.At))
		return nil
	}
	return cause.At(r.Decode(r.Form.Plan, of.Item, result), primary)
}

// getPrimary sends one GetItem for a primary key. Without a fast path the row has the item.
func (e *Entity) getPrimary(ctx context.Context, primary attr.Item, partial []string, call *response.Call,
	s *Settings) (response.Row, error) {
	if err := e.CheckUnexpired(&e.Table); s.Unexpired && err != nil {
		return response.Row{}, err
	}
	in := &dynamodb.GetItemInput{TableName: &e.Schema.Name, Key: primary, ReturnConsumedCapacity: s.Report()}
	if s.Consistent {
		in.ConsistentRead = &s.Consistent
	}
	if partial != nil {
		in.ProjectionExpression, in.ExpressionAttributeNames = entity.Projection(partial)
	}
	out, err := e.via(s).GetItem(ctx, in, call.Options(s.SDK)...)
	if err != nil {
		return response.Row{}, err
	}
	left := 0
	if len(out.Item) > 0 {
		left = 1
	}
	page, err := call.Result(out.ResultMetadata, left)
	if err != nil {
		return response.Row{}, err
	}
	if page != nil && len(page.Items) > 0 && page.Items[0].Group > 0 {
		return response.Row{Page: page}, nil
	}
	if left == 0 || !e.Owns(out.Item) || s.Unexpired && e.Expired(out.Item) {
		return response.Row{}, cause.NotFound
	}
	return response.Row{Entry: out.Item, Item: out.Item}, nil
}
