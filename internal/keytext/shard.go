package keytext

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
)

// MaxShards bounds the shards of a field: each is a request of every read that wants all of them.
const MaxShards = 256

const minShards = 2

// OfShard is the shard itself as the value of a field with |shard, where one shard is meant and not a value in it.
// Parse gives it for such a field, whose value is not in the key.
func OfShard(n int) Value { return Value{kind: shardKind, bits: uint64(n)} }

// shard reads the modifier shard:10; it returns what is wrong with it.
func (f *Ref) shard(text string) string {
	var ok bool
	if f.Shards, ok = count(text, 1, MaxShards); !ok || f.Shards < minShards {
		return fmt.Sprintf("after shard stands the number of shards, %d to %d: {id|shard:10}", minShards, MaxShards)
	}
	return ""
}

// settleShard finds how the field would be written were it the last one and not a shard, since the shard is chosen by
// that text.
func (s *segment) settleShard() string {
	if s.Raw || s.Desc {
		return "a shard is a number that neither orders nor is escaped: it has no raw and no desc"
	}
	of := segment{Ref: s.Ref, kind: s.kind, last: true}
	of.Shards = 0
	if reason := of.settle(); reason != "" {
		return reason
	}
	s.form, s.of = sharded, &of
	return ""
}

// appendShard adds the shard of v: the first eight bytes, as a big-endian number, of the SHA-256 of the text that the
// field would have as the last one of a template, modulo the number of shards. This must never change: stored keys hold
// it.
func (s *segment) appendShard(dst []byte, v Value) ([]byte, string) {
	if v.kind == shardKind {
		if v.bits >= MaxShards { // of a template that had more shards, or less
			return dst, "it has no such shard"
		}
		return strconv.AppendUint(dst, v.bits, 10), ""
	}
	var buffer [128]byte
	text, reason := s.of.append(buffer[:0], v)
	if reason != "" {
		return dst, reason
	}
	sum := sha256.Sum256(text)
	return strconv.AppendUint(dst, binary.BigEndian.Uint64(sum[:8])%uint64(s.Shards), 10), ""
}

// decodeShard reads a shard. Its number may be of another number of shards than the template has now.
func decodeShard(text string) (Value, bool) {
	n, err := strconv.ParseUint(text, 10, 16)
	return OfShard(int(n)), err == nil
}
