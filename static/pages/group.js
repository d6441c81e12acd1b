// Entry module of the page of a group.
