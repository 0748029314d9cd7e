package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/monotable/monotable"
)

type Pet struct {
	ID   int            `dynamodbav:"id"`
	Name string         `dynamodbav:"name"`
	More monotable.Item `monotable:"unknown"` // attributes that Pet does not name
}

var schema = monotable.Schema{Name: "pets", Partition: monotable.N("id")}

func openPets(client monotable.Client) (*monotable.Table[Pet], error) {
	db, err := monotable.Open(client, schema)
	if err != nil {
		return nil, err
	}
	return monotable.New[Pet](db, monotable.Model{})
}

func main() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	pets, err := openPets(dynamodb.NewFromConfig(cfg))
	if err != nil {
		log.Fatal(err)
	}
	err = pets.Create(ctx, &Pet{ID: 1, Name: "Rachel"})
	if err != nil && !errors.Is(err, monotable.ErrExists) {
		log.Fatal(err)
	}
	for pet, err := range pets.Scan(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(pet.ID, pet.Name)
	}
}
