package main

import (
	"errors"
	"testing"

	"github.com/monotable/monotable"
	"github.com/monotable/monotable/dynamotest"
	"github.com/stretchr/testify/require"
)

func TestPets(t *testing.T) {
	pets, err := openPets(dynamotest.New(t, schema)) // a DynamoDB in this process
	require.NoError(t, err)

	require.NoError(t, pets.Create(t.Context(), &Pet{ID: 1, Name: "Rachel"}))
	err = pets.Create(t.Context(), &Pet{ID: 1, Name: "Mike"})
	require.ErrorIs(t, err, monotable.ErrExists)

	var failed *monotable.Error
	require.True(t, errors.As(err, &failed))
	name, err := failed.Existing.String("name")
	require.NoError(t, err)
	require.Equal(t, "Rachel", name)
}
