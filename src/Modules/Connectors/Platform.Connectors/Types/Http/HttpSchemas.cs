using System.Text.Json;

namespace Platform.Connectors.Types.Http;

/// <summary>How an http connector describes itself.</summary>
internal static class HttpSchemas
{
    /// <summary>The property <c>headers</c> of the types that speak HTTP.</summary>
    public const string Headers =
        """
        "headers": {
          "type": "object", "title": "Headers",
          "additionalProperties": {"type": "string", "maxLength": 2000, "pattern": "^[^\\r\\n]*$"}
        }
        """;

    /// <summary>The property <c>auth</c> of the types that speak HTTP; its secrets are in <see cref="Credentials"/>.</summary>
    public const string Auth =
        """
        "auth": {
          "title": "Authentication",
          "anyOf": [
            {"type": "string", "enum": ["none", "bearer", "basic", "header"]},
            {
              "type": "object", "additionalProperties": false, "required": ["type"],
              "properties": {
                "type": {"type": "string", "enum": ["none", "bearer", "basic", "header", "oauth2_client_credentials"]},
                "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$", "default": "X-Api-Key"},
                "token_url": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^/?#\\s@]+([/?][^\\s#]*)?$"},
                "client_id": {"type": "string", "maxLength": 500},
                "scope": {"type": "string", "maxLength": 500}
              }
            },
            {
              "type": "object", "additionalProperties": false, "required": ["type", "authorization_url", "token_url", "client_id"],
              "properties": {
                "type": {"type": "string", "const": "oauth2_authorization_code"},
                "authorization_url": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^/?#\\s@]+([/?][^\\s#]*)?$"},
                "token_url": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^/?#\\s@]+([/?][^\\s#]*)?$"},
                "client_id": {"type": "string", "minLength": 1, "maxLength": 500},
                "scopes": {
                  "type": "array", "maxItems": 100,
                  "items": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$"}
                },
                "parameters": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 1000}},
                "issuer": {"type": "string", "maxLength": 2000, "pattern": "^https?://[^?#\\s@]+$"},
                "client_authentication": {
                  "type": "string", "enum": ["client_secret_post", "client_secret_basic"], "default": "client_secret_post"
                }
              }
            }
          ]
        }
        """;

    public static JsonElement Config { get; } = JsonElement.Parse(
        $$"""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {"type": "string", "title": "Address", "maxLength": 2000, "pattern": "^https?://[^{}/?#\\s@]+([/?][^\\s#]*)?$"},
            "method": {"type": "string", "title": "Method", "enum": ["GET", "POST"], "default": "GET"},
            {{Headers}},
            "body": {"title": "Body of a POST", "type": ["object", "array", "null"]},
            "rows_path": {"type": "string", "title": "Where the rows are", "maxLength": 200, "default": ""},
            "table": {"type": "string", "title": "Table name in SQL", "minLength": 1, "maxLength": 63, "default": "data"},
            "paging": {
              "title": "Paging",
              "anyOf": [
                {"type": "string", "enum": ["none", "page", "offset", "cursor", "link"]},
                {
                  "type": "object", "additionalProperties": false, "required": ["type"],
                  "properties": {
                    "type": {"type": "string", "enum": ["none", "page", "offset", "cursor", "link"]},
                    "page_parameter": {"type": "string", "minLength": 1, "maxLength": 100, "default": "page"},
                    "first_page": {"type": "integer", "minimum": 0, "maximum": 1, "default": 1},
                    "offset_parameter": {"type": "string", "minLength": 1, "maxLength": 100, "default": "offset"},
                    "size_parameter": {"type": "string", "minLength": 1, "maxLength": 100},
                    "page_size": {"type": "integer", "minimum": 1, "maximum": 10000},
                    "cursor_parameter": {"type": "string", "minLength": 1, "maxLength": 100, "default": "cursor"},
                    "cursor_path": {"type": "string", "minLength": 1, "maxLength": 200, "default": "next_cursor"},
                    "max_pages": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
                  }
                }
              ]
            },
            {{Auth}}
          }
        }
        """);

    public static JsonElement Credentials { get; } = JsonElement.Parse(
        """
        {
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "token": {"type": "string", "title": "Token", "maxLength": 8000, "pattern": "^[^\\r\\n]*$"},
            "username": {"type": "string", "title": "User name", "maxLength": 500},
            "password": {"type": "string", "title": "Password", "maxLength": 1000},
            "client_secret": {"type": "string", "title": "Client secret", "maxLength": 2000}
          }
        }
        """);

    public static JsonElement Example { get; } = JsonElement.Parse(
        """
        {
          "name": "Orders API",
          "type": "http",
          "config": {
            "url": "https://api.example.com/v1/orders",
            "rows_path": "data",
            "paging": {"type": "cursor", "cursor_parameter": "after", "cursor_path": "meta.next"},
            "auth": {"type": "bearer"}
          },
          "credentials": {"token": "…"}
        }
        """);
}
