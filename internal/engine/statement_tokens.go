package engine

// statementTokens remembers transactions of statements apart from others, with what their replays are charged.
type statementTokens struct {
	tokens
	charges map[string][]capacity
}

// keep notes what a replay is charged, and forgets that of tokens whose time is over.
func (k *statementTokens) keep(token string, units []*capacity) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.charges == nil {
		k.charges = map[string][]capacity{}
	}
	for old := range k.charges {
		if _, kept := k.done[old]; !kept {
			delete(k.charges, old)
		}
	}
	k.charges[token] = nil
	for _, c := range units {
		k.charges[token] = append(k.charges[token], *c)
	}
}

// units gives what a replay is charged.
func (k *statementTokens) units(token string) []*capacity {
	k.mu.Lock()
	defer k.mu.Unlock()
	var units []*capacity
	for _, c := range k.charges[token] {
		units = append(units, &c)
	}
	return units
}
