package dynamotest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
)

// Call is a request as an authorizer sees it.
type Call struct {
	AccessKeyID string   // of the credentials that signed it
	Operation   string   // such as "PutItem"; its IAM action is "dynamodb:PutItem"
	Tables      []string // names of the tables it works on, each once; none for operations on no table, such as ListTables
	Resources   []string // ARNs it works on: tables, or the index of a Query or Scan, or the stream of an operation on one
}

// frontError is a refusal by what stands before DynamoDB.
func frontError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message, Fault: smithy.FaultClient}
}

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
		missing = append(missing, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if len(missing) > 0 {
		algorithm, _, _ := strings.Cut(header, " ")
		return "", frontError("IncompleteSignatureException", strings.Join(missing, " ")+" Authorization="+algorithm)
	}
	return credentialKey(parameters["Credential"])
}

func queryKey(get func(string) string) (string, error) {
	var missing []string
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if get(name) == "" {
			missing = append(missing, "AWS query-string parameters must include '"+name+"'.")
		}
	}
	if len(missing) > 0 {
		return "", frontError("IncompleteSignatureException", strings.Join(missing, " ")+" Re-examine the query-string parameters.")
	}
	return credentialKey(get("X-Amz-Credential"))
}

// credentialKey takes the access key out of KEY/date/region/service/aws4_request.
func credentialKey(credential string) (string, error) {
	parts := strings.Split(credential, "/")
	if len(parts) < 5 || parts[0] == "" {
		return "", frontError("IncompleteSignatureException",
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got the wrong number.")
	}
	return strings.Join(parts[:len(parts)-4], "/"), nil
}

// authorize asks the server's authorizer about a call.
func (s *Server) authorize(key, operation string, in any) error {
	if s.options.authorize == nil {
		return nil
	}
	call := Call{AccessKeyID: key, Operation: operation}
	s.client.resources(&call, in)
	err := s.options.authorize(call)
	if err == nil {
		return nil
	}
	if api := smithy.APIError(nil); errors.As(err, &api) { // of which code and message are the answer, whatever else it has
		return &smithy.GenericAPIError{Code: api.ErrorCode(), Message: api.ErrorMessage(), Fault: api.ErrorFault()}
	}
	resource := "*"
	if len(call.Resources) > 0 {
		resource = call.Resources[0]
	}
	return frontError("AccessDeniedException", fmt.Sprintf("User: arn:aws:iam::%s:user/%s is not authorized to perform: "+
		"dynamodb:%s on resource: %s because no identity-based policy allows the dynamodb:%[3]s action",
		s.client.account, key, operation, resource))
}
