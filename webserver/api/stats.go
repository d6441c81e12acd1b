package api

// getStats answers with the statistics of the server.
func (h *Handler) getStats(q *request) error { return q.answerJSON(h.Stats(), "") }
