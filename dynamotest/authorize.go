package dynamotest

import (
	"net/http"
	"strings"
)

// accessKey finds the access key with which a request was signed. The signature must be complete and is not verified.
func accessKey(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	if r.URL.RawQuery != "" && r.URL.Query().Has("X-Amz-Algorithm") {
		if header != "" {
			return "", frontError("InvalidSignatureException",
				"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
		}
		return queryKey(r.URL.Query().Get)
	}
	if !strings.HasPrefix(header, "AWS4-") {
		return "", frontError("MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	return headerKey(header, r.Header)
}

func headerKey(header string, headers http.Header) (string, error) {
	_, rest, _ := strings.Cut(header, " ")
	parameters := map[string]string{}
	for parameter := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		parameters[name] = value
	}
	var missing []string
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if parameters[name] == "" {
			missing = append(missing, "Authorization header requires '"+name+"' parameter.")
		}
	}
	if headers.Get("X-Amz-Date") == "" && headers.Get("Date") == "" {
		missing = append(missing,
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if len(missing) > 0 {
		algorithm, _, _ := strings.Cut(header, " ")
		return "", frontError("IncompleteSignatureException", strings.Join(missing, " ")+" Authorization="+algorithm)
	}
	return credentialKey(parameters["Credential"])
}

func queryKey(get func(string) string) (string, error) {
	var missing []string
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders",
		"X-Amz-Date"} {
		if get(name) == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'.")
		}
	}
	if len(missing) > 0 {
		return "", frontError("IncompleteSignatureException",
			strings.Join(missing, " ")+" Re-examine the query-string parameters.")
	}
	return credentialKey(get("X-Amz-Credential"))
}

// credentialKey takes the access key out of KEY/date/region/service/aws4_request.
func credentialKey(credential string) (string, error) {
	parts := strings.Split(credential, "/")
	if len(parts) < 5 || parts[0] == "" {
		return "", frontError("IncompleteSignatureException",
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got the "+
				"wrong number.")
	}
	return strings.Join(parts[:len(parts)-4], "/"), nil
}
