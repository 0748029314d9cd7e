package pets

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpenWantsItsEnvironment(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "none")
	_, err := Open(t.Context())
	require.ErrorContains(t, err, "TABLE_NAME")
	t.Setenv("TABLE_NAME", "pets")
	_, err = Open(t.Context())
	require.ErrorContains(t, err, "AWS_REGION")
	t.Setenv("AWS_REGION", "eu-west-1")
	table, err := Open(t.Context())
	require.NoError(t, err)
	assert.NotNil(t, table)
}

func TestCursorKeys(t *testing.T) {
	const newest, older = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	for _, good := range []string{newest, newest + "," + older, newest + ", " + older} {
		t.Setenv("CURSOR_KEYS", good)
		option, err := CursorKeys()
		require.NoError(t, err)
		assert.NotNil(t, option)
	}
	for _, bad := range []string{"", "short", newest + ",", newest + ",short", "," + newest} {
		t.Setenv("CURSOR_KEYS", bad)
		_, err := CursorKeys()
		require.Error(t, err, bad)
		assert.NotContains(t, err.Error(), newest)
	}
}
