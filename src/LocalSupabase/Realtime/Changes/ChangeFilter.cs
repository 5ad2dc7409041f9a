using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.LocalSupabase.Realtime.Changes;

/// <summary>
/// A subscription's filter: <c>column=operator.value</c>, several joined by commas, all of which must hold. Compared by the column's
/// type; a column that the feed does not hold matches nothing.
/// </summary>
internal sealed class ChangeFilter
{
    private const int MaxValues = 100;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(50);
    private static readonly HashSet<string> Operators =
        ["eq", "neq", "lt", "lte", "gt", "gte", "in", "like", "ilike", "is", "match", "imatch", "isdistinct"];

    private readonly IReadOnlyList<Condition> _conditions;

    private ChangeFilter(IReadOnlyList<Condition> conditions) => _conditions = conditions;

    private sealed record Condition(string Column, bool IsNegated, string Operator, string Value, IReadOnlyList<string> Values, Regex? Pattern);

    public IEnumerable<string> Columns => _conditions.Select(condition => condition.Column);

    public static (ChangeFilter? Filter, string? Fault) Parse(string? text)
    {
        var conditions = new List<Condition>();
        foreach (var part in Split(text ?? "").Where(part => part.Length > 0))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return (null, $"invalid filter {part}");
            }

            var (column, rest) = (part[..equals].Trim(), part[(equals + 1)..]);
            var isNegated = rest.StartsWith("not.", StringComparison.Ordinal);
            rest = isNegated ? rest[4..] : rest;
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            var name = dot < 0 ? "" : rest[..dot];
            if (!Operators.Contains(name))
            {
                return (null, $"unsupported operator in filter {part}");
            }

            var value = rest[(dot + 1)..];
            var values = name == "in" ? Split(value.TrimStart('(').TrimEnd(')')).Select(Unquote).ToList() : [];
            if (values.Count > MaxValues || (name == "is" && value is not ("null" or "true" or "false" or "unknown")))
            {
                return (null, $"invalid value in filter {part}");
            }

            if (!TryPattern(name, value, out var pattern))
            {
                return (null, $"invalid pattern in filter {part}");
            }

            conditions.Add(new Condition(column, isNegated, name, name == "in" ? value : Unquote(value), values, pattern));
        }

        return (new ChangeFilter(conditions), null);
    }

    /// <summary>Why the filter does not fit a table, or null.</summary>
    public string? FaultFor(Relation relation)
    {
        foreach (var condition in _conditions)
        {
            if (relation.Columns.FirstOrDefault(column => column.Name == condition.Column) is not { } column)
            {
                return $"invalid column for filter {condition.Column}";
            }

            var texts = condition.Operator switch
            {
                "in" => condition.Values,
                "is" or "like" or "ilike" or "match" or "imatch" => [],
                _ => [condition.Value],
            };
            if (texts.Any(text => !PgValue.IsOfType(column.Type, text)))
            {
                return $"invalid value for column {condition.Column} of type {column.Type}";
            }
        }

        return null;
    }

    public bool Matches(Relation relation, IReadOnlyList<Cell> row)
    {
        foreach (var condition in _conditions)
        {
            var ordinal = IndexOf(relation, condition.Column);
            if (ordinal < 0 || ordinal >= row.Count || !row[ordinal].IsPresent)
            {
                return false;
            }

            if (Holds(condition, relation.Columns[ordinal].Type, row[ordinal].Text) is not { } holds || holds == condition.IsNegated)
            {
                return false;
            }
        }

        return true;
    }

    // Null is neither true nor false in SQL: such a condition holds in neither form.
    private static bool? Holds(Condition condition, string type, string? text)
    {
        switch (condition.Operator)
        {
            case "is":
                return condition.Value switch
                {
                    "null" or "unknown" => text is null,
                    "true" => text == "t",
                    _ => text == "f",
                };
            case "isdistinct":
                return text is null || PgValue.Compare(type, text, condition.Value) != 0;
        }

        if (text is null)
        {
            return null;
        }

        return condition.Operator switch
        {
            "eq" => PgValue.Compare(type, text, condition.Value) == 0,
            "neq" => PgValue.Compare(type, text, condition.Value) != 0,
            "lt" => PgValue.Compare(type, text, condition.Value) < 0,
            "lte" => PgValue.Compare(type, text, condition.Value) <= 0,
            "gt" => PgValue.Compare(type, text, condition.Value) > 0,
            "gte" => PgValue.Compare(type, text, condition.Value) >= 0,
            "in" => condition.Values.Any(value => PgValue.Compare(type, text, value) == 0),
            _ => IsMatch(condition.Pattern!, text),
        };
    }

    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool TryPattern(string name, string value, out Regex? pattern)
    {
        pattern = null;
        var options = RegexOptions.CultureInvariant | RegexOptions.Singleline | (name is "ilike" or "imatch" ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            pattern = name switch
            {
                "like" or "ilike" => new Regex(LikeToRegex(Unquote(value)), options, PatternLimit),
                "match" or "imatch" => new Regex(Unquote(value), options, PatternLimit),
                _ => null,
            };
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string LikeToRegex(string like)
    {
        var regex = new StringBuilder("^");
        for (var index = 0; index < like.Length; index++)
        {
            regex.Append(like[index] switch
            {
                '%' or '*' => ".*",
                '_' => ".",
                '\\' when index + 1 < like.Length => Regex.Escape(like[++index].ToString(CultureInfo.InvariantCulture)),
                var other => Regex.Escape(other.ToString(CultureInfo.InvariantCulture)),
            });
        }

        return regex.Append('$').ToString();
    }

    private static int IndexOf(Relation relation, string column)
    {
        for (var index = 0; index < relation.Columns.Count; index++)
        {
            if (relation.Columns[index].Name == column)
            {
                return index;
            }
        }

        return -1;
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal) : text;

    // Commas in parentheses or double quotes part nothing.
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth, quoted) = (0, 0, false);
        for (var index = 0; index < text.Length; index++)
        {
            switch (text[index])
            {
                case '"' when index == 0 || text[index - 1] != '\\':
                    quoted = !quoted;
                    break;
                case '(' when !quoted:
                    depth++;
                    break;
                case ')' when !quoted:
                    depth--;
                    break;
                case ',' when !quoted && depth == 0:
                    yield return text[start..index];
                    start = index + 1;
                    break;
            }
        }

        yield return text[start..];
    }
}
