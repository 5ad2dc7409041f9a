using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.GraphQl;

/// <summary>
/// A document of GraphQL with one query operation, and fragments if it needs them. Mutations and subscriptions are refused by what a
/// definition begins with (GraphQL, section 2.2), whatever strings and comments hold.
/// </summary>
internal sealed class GraphQlDocument
{
    public const int MaxLength = 50_000;

    private GraphQlDocument(string text, IReadOnlySet<string> variables) => (Text, Variables) = (text, variables);

    public string Text { get; }

    /// <summary>The names that stand behind a <c>$</c>.</summary>
    public IReadOnlySet<string> Variables { get; }

    public static GraphQlDocument Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw SqlStatement.Invalid($"A query has at most {MaxLength} characters.");
        }

        var variables = new HashSet<string>(StringComparer.Ordinal);
        var (depth, operations, isExpected) = (0, 0, true);
        foreach (var token in Tokens(text))
        {
            if (token[0] == '$')
            {
                variables.Add(token[1..]);
            }

            if (isExpected)
            {
                operations += Begin(token);
                isExpected = false;
            }

            depth += token is "{" or "(" ? 1 : token is "}" or ")" ? -1 : 0;
            isExpected = depth == 0 && token == "}";
        }

        if (depth != 0 || !isExpected || operations != 1)
        {
            throw SqlStatement.Invalid("A query is a document with one operation.");
        }

        return new GraphQlDocument(text, variables);
    }

    /// <returns>1 if an operation begins here, 0 if a fragment does.</returns>
    private static int Begin(string token) => token switch
    {
        "query" or "{" => 1,
        "fragment" => 0,
        "mutation" or "subscription" => throw SqlStatement.Invalid($"A query reads: it cannot be a {token}."),
        _ => throw SqlStatement.Invalid("A definition begins with query, fragment or a brace."),
    };

    /// <summary>Names, variables and punctuation; strings and comments are left out.</summary>
    private static IEnumerable<string> Tokens(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '#')
            {
                var end = text.AsSpan(at).IndexOfAny('\n', '\r');
                at = end < 0 ? text.Length : at + end;
            }
            else if (text[at] == '"')
            {
                at = EndOfString(text, at);
            }
            else if (IsName(text[at]) || text[at] == '$')
            {
                var start = at++;
                while (at < text.Length && IsName(text[at]))
                {
                    at++;
                }

                yield return text[start..at];
            }
            else if (char.IsWhiteSpace(text[at]) || text[at] == ',' || text[at] == '\uFEFF')
            {
                at++;
            }
            else
            {
                yield return text[at++].ToString();
            }
        }
    }

    private static int EndOfString(string text, int start)
    {
        var isBlock = text.AsSpan(start).StartsWith("\"\"\"");
        var quote = isBlock ? "\"\"\"" : "\"";
        for (var at = start + quote.Length; at < text.Length; at++)
        {
            if (text[at] == '\\' && (!isBlock || text.AsSpan(at + 1).StartsWith(quote)))
            {
                at += quote.Length;
            }
            else if (text.AsSpan(at).StartsWith(quote))
            {
                return at + quote.Length;
            }
            else if (!isBlock && text[at] is '\n' or '\r')
            {
                break;
            }
        }

        throw SqlStatement.Invalid("A string is not closed.");
    }

    private static bool IsName(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
