{ users: { id }, "audit.log": { at } }
