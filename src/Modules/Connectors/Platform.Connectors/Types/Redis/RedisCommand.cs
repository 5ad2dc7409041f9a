using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.Redis;

/// <summary>
/// One command that reads, such as <c>HGETALL user:{{id}}</c>. Words are separated by spaces or stand in double quotes; a value of a
/// parameter is always a part of one argument.
/// </summary>
internal sealed partial class RedisCommand
{
    private const int MaxLength = 10_000;

    // Reading commands alone, and none that looks at all keys at once (KEYS) or can store its result (SORT, GEORADIUS, ZUNION).
    private static readonly Dictionary<string, RedisShape> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GET"] = RedisShape.Values,
        ["GETRANGE"] = RedisShape.Values,
        ["STRLEN"] = RedisShape.Values,
        ["EXISTS"] = RedisShape.Values,
        ["TYPE"] = RedisShape.Values,
        ["TTL"] = RedisShape.Values,
        ["PTTL"] = RedisShape.Values,
        ["DBSIZE"] = RedisShape.Values,
        ["BITCOUNT"] = RedisShape.Values,
        ["MGET"] = RedisShape.Named,
        ["HGET"] = RedisShape.Values,
        ["HMGET"] = RedisShape.Named,
        ["HGETALL"] = RedisShape.Fields,
        ["HKEYS"] = RedisShape.Values,
        ["HVALS"] = RedisShape.Values,
        ["HLEN"] = RedisShape.Values,
        ["HEXISTS"] = RedisShape.Values,
        ["HSCAN"] = RedisShape.ContentPages,
        ["LRANGE"] = RedisShape.Values,
        ["LLEN"] = RedisShape.Values,
        ["LINDEX"] = RedisShape.Values,
        ["SMEMBERS"] = RedisShape.Values,
        ["SISMEMBER"] = RedisShape.Values,
        ["SCARD"] = RedisShape.Values,
        ["SRANDMEMBER"] = RedisShape.Values,
        ["SINTER"] = RedisShape.Values,
        ["SUNION"] = RedisShape.Values,
        ["SDIFF"] = RedisShape.Values,
        ["SSCAN"] = RedisShape.ContentPages,
        ["ZRANGE"] = RedisShape.Members,
        ["ZREVRANGE"] = RedisShape.Members,
        ["ZRANGEBYSCORE"] = RedisShape.Members,
        ["ZREVRANGEBYSCORE"] = RedisShape.Members,
        ["ZSCORE"] = RedisShape.Values,
        ["ZRANK"] = RedisShape.Values,
        ["ZREVRANK"] = RedisShape.Values,
        ["ZCARD"] = RedisShape.Values,
        ["ZCOUNT"] = RedisShape.Values,
        ["ZSCAN"] = RedisShape.ContentPages,
        ["XRANGE"] = RedisShape.Entries,
        ["XREVRANGE"] = RedisShape.Entries,
        ["XLEN"] = RedisShape.Values,
        ["SCAN"] = RedisShape.KeyPages,
    };

    private RedisCommand(IReadOnlyList<string> arguments, RedisShape shape) => (Arguments, Shape) = (arguments, shape);

    /// <summary>The command's name in upper case, and its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public RedisShape Shape { get; }

    public bool WithScores => Arguments.Contains("WITHSCORES", StringComparer.OrdinalIgnoreCase);

    public static RedisCommand Parse(string text, JsonElement parameters)
    {
        if (text.Length > MaxLength)
        {
            throw SqlStatement.Invalid($"A query has at most {MaxLength} characters.");
        }

        var words = Words(text).Select(word => word.IsQuoted ? word.Text : Fill(word.Text, parameters)).ToList();
        if (words.Count == 0)
        {
            throw SqlStatement.Invalid("The query is empty.");
        }

        if (!Known.TryGetValue(words[0], out var shape))
        {
            throw SqlStatement.Invalid($"A query is one command that reads: {string.Join(", ", Known.Keys)}.");
        }

        words[0] = words[0].ToUpperInvariant();
        return new RedisCommand(words, shape);
    }

    private static IEnumerable<(string Text, bool IsQuoted)> Words(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            if (text[at] == '"')
            {
                yield return (ReadQuoted(text, ref at), true);
                continue;
            }

            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
            {
                // A placeholder may be written with spaces in it.
                var close = text.AsSpan(at).StartsWith("{{") ? text.IndexOf("}}", at, StringComparison.Ordinal) : -1;
                at = close > 0 ? close + 2 : at + 1;
            }

            yield return (text[start..at], false);
        }
    }

    private static string ReadQuoted(string text, ref int at)
    {
        var word = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return word.ToString();
            }

            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
            }

            word.Append(text[at]);
        }

        throw SqlStatement.Invalid("A string is not closed.");
    }

    private static string Fill(string word, JsonElement parameters)
    {
        if (WholePlaceholder().Match(word) is { Success: true } whole && Find(whole.Groups[1].Value, parameters) is { } value)
        {
            return value;
        }

        return Placeholder().Replace(word, match => Find(match.Groups[1].Value, parameters)
            ?? throw SqlStatement.Invalid($"The parameter {match.Groups[1].Value} has no value."));
    }

    private static string? Find(string name, JsonElement parameters)
    {
        var numbers = new ParameterNumbers(parameters);
        if (!numbers.TryGet(name, isRepeated: false, out _))
        {
            return null;
        }

        var value = numbers.Values[0];
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
    }

    [GeneratedRegex(@"^[:@$](\w{1,64})$", RegexOptions.CultureInvariant)]
    private static partial Regex WholePlaceholder();

    [GeneratedRegex(@"\{\{\s*(\w{1,64})\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
