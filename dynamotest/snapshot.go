package dynamotest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/monotable/monotable/internal/engine"
)

// ErrSnapshot is what LoadSnapshot, LoadFile and SaveFile refuse a file with that is not a snapshot, is damaged, or was
// written by a version of this package that this one cannot read. The error says which.
var ErrSnapshot = engine.ErrSnapshot

// SaveSnapshot writes all tables as they are at one moment: their items and keys, indexes, billing, throughput, class,
// tags, TTL, point-in-time recovery and deletion protection, and which stream they have. The records of streams,
// idempotency tokens and tables that are being deleted are not in it. Other calls wait while the items are gathered,
// and not while they are written.
//
// A snapshot is text: a line of JSON that says what it is, a line for each table followed by one for each of its items
// in DynamoDB JSON, and a line with counts and one with a checksum.
func (c *Client) SaveSnapshot(w io.Writer) error { return c.engine.Save(w) }

// LoadSnapshot makes the tables of a snapshot, in a client that has none. Every item is checked as a PutItem's is, but
// for the keys of indexes, since an index that was added to a table leaves out the items that do not fit it. With an
// error no table is made.
func (c *Client) LoadSnapshot(r io.Reader) error {
	if err := c.engine.Load(r); err != nil {
		return fmt.Errorf("dynamotest: %w", err)
	}
	return nil
}

// LoadFile loads the snapshot of a file. Where there is no such file, errors.Is(err, fs.ErrNotExist).
func (c *Client) LoadFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := c.engine.Load(f); err != nil {
		return fmt.Errorf("dynamotest: %s: %w", name, err)
	}
	return nil
}

// SaveFile writes a snapshot to a file, in place of what a SaveFile wrote there before: to a new file beside it first,
// which is on disk before it takes the name, so that a crash at any moment leaves the old snapshot or the new one.
// Permissions stay as they were, 0600 for a new file; of a symbolic link the file that it leads to is replaced. A file
// of that name that is not a snapshot of this version is ErrSnapshot and stays as it is; one that nobody may write is
// fs.ErrPermission. Let one process at a time save to a file.
//
// The new file is called name.NUMBER.new. A process that is killed leaves it behind, and the next SaveFile to name
// takes it away, where the system has locks by which a file that is still being written can be told from one that is
// not.
func (c *Client) SaveFile(name string) error {
	if at, err := filepath.EvalSymlinks(name); err == nil {
		name = at
	}
	mode, err := replaceable(name)
	if err != nil {
		return err
	}
	saving.Lock()
	defer saving.Unlock()
	removeStale(name)
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.new")
	if err != nil {
		return err
	}
	lock(f)
	err = c.engine.Save(f)
	err = cmp.Or(err, f.Chmod(mode))
	err = cmp.Or(err, f.Sync())
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(name))
}

// saving lets one goroutine at a time save, so that none takes another's new file for one that was left behind.
var saving sync.Mutex

// removeStale removes new files of name's that processes left which were killed: they are called so, nobody has them
// locked, and what they hold is the beginning of a snapshot. Where one cannot be removed it is left.
func removeStale(name string) {
	dir, base := filepath.Split(name)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return
	}
	for _, entry := range entries {
		number, ours := strings.CutPrefix(entry.Name(), base+".")
		number, made := strings.CutSuffix(number, ".new")
		if !ours || !made || !entry.Type().IsRegular() {
			continue
		}
		if _, err := strconv.ParseUint(number, 10, 64); err == nil && isStale(filepath.Join(dir, entry.Name())) {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// isStale says whether a file is the beginning of a snapshot that nobody is writing.
func isStale(name string) bool {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(engine.SnapshotHead))
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false
	}
	return strings.HasPrefix(engine.SnapshotHead, string(head[:n])) && lock(f)
}

// replaceable refuses to overwrite what no SaveFile of this version wrote, and gives the permissions of what it did.
func replaceable(name string) (mode fs.FileMode, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0o600, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	mode = info.Mode().Perm()
	if mode&0o222 == 0 {
		return 0, &fs.PathError{Op: "save", Path: name, Err: fs.ErrPermission}
	}
	head := make([]byte, len(engine.SnapshotHead))
	n, err := io.ReadFull(f, head)
	if n == 0 && err == io.EOF || bytes.Equal(head, []byte(engine.SnapshotHead)) { // an empty file loses nothing
		return mode, nil
	}
	return 0, fmt.Errorf("dynamotest: %s: %w: it is something else, and not overwritten", name, ErrSnapshot)
}

// syncDir makes the new name last. Where a directory cannot be opened for that, as on Windows, the system sees to it.
func syncDir(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer dir.Close()
	_ = dir.Sync()
	return nil
}

// SweepExpired deletes the items whose time to live has passed by the client's clock, and counts them. The service does
// so of its own accord, some time after they expired; here nothing expires until this is called. In a stream the
// deletions are the service's own: their UserIdentity says so. They cost no units.
func (c *Client) SweepExpired() int { return c.engine.Sweep() }
