package dynamotest

import "net/http"

// What the service tells browsers (captured from us-east-1, 2026): any page may ask it.

// allowOrigin lets the page that asks read the answer.
func allowOrigin(answer, request http.Header) {
	if request.Get("Origin") == "" {
		return
	}
	answer.Set("Access-Control-Allow-Origin", "*")
	answer.Set("Access-Control-Expose-Headers",
		"x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date")
}

// preflight answers what a browser asks before a request: all that it asks for is allowed, for two days.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	for asked, allowed := range map[string]string{
		"Access-Control-Request-Headers": "Access-Control-Allow-Headers",
		"Access-Control-Request-Method":  "Access-Control-Allow-Methods",
	} {
		if value := r.Header.Get(asked); value != "" {
			w.Header().Set(allowed, value)
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Max-Age", "172800")
	s.respond(w, r, http.StatusOK, "", nil)
}
