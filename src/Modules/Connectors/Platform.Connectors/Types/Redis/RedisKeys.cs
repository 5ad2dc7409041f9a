using System.Text;
using Platform.Connectors.Results;

namespace Platform.Connectors.Types.Redis;

/// <summary>Keys of one shape and kind, such as all hashes <c>user:*</c>: what a table is elsewhere.</summary>
/// <param name="Pattern">The shape, in the server's words for MATCH.</param>
/// <param name="Kind">What the keys hold: <c>hash</c>, <c>string</c>, <c>list</c>, <c>set</c>, <c>zset</c> or <c>stream</c>.</param>
/// <param name="Table">Its name and columns.</param>
internal sealed record RedisKeyGroup(string Pattern, string Kind, SourceTable Table);

/// <summary>
/// Finds the shapes of keys by a sample: parts that are numbers or ids vary, so <c>user:17:cart</c> is one of <c>user:*:cart</c>.
/// </summary>
internal static class RedisKeys
{
    private const int MaxKeys = 5000;
    private const int SampledHashes = 20;
    private const int MaxGroups = 200;
    private const int MaxBytes = 16 * 1024 * 1024;
    private static readonly string[] Kinds = ["hash", "string", "list", "set", "zset", "stream"];

    public static async Task<IReadOnlyList<RedisKeyGroup>> ReadAsync(
        RedisSession session, string? search, CancellationToken cancellationToken)
    {
        var groups = new Dictionary<(string Pattern, string Kind), List<string>>();
        foreach (var key in await SampleAsync(session, cancellationToken))
        {
            var kind = (await session.AskAsync(["TYPE", key], cancellationToken)).Text;
            if (Kinds.Contains(kind, StringComparer.Ordinal))
            {
                var group = (PatternOf(key), kind);
                groups.TryAdd(group, []);
                groups[group].Add(key);
            }
        }

        var found = new List<RedisKeyGroup>();
        foreach (var ((pattern, kind), keys) in groups.OrderBy(group => group.Key.Pattern, StringComparer.Ordinal).Take(MaxGroups))
        {
            var isAmbiguous = groups.Keys.Count(other => other.Pattern == pattern) > 1;
            var columns = kind == "hash" ? await FieldsAsync(session, keys, cancellationToken) : ColumnsOf(kind);
            var table = new SourceTable(isAmbiguous ? $"{pattern} ({kind})" : pattern, columns);
            if (IsWanted(table, search))
            {
                found.Add(new RedisKeyGroup(pattern, kind, table));
            }
        }

        return found;
    }

    /// <summary>The shape of a key. Characters that MATCH gives a meaning are taken as they are.</summary>
    public static string PatternOf(string key) => string.Join(':', key.Split(':').Select(part => IsId(part) ? "*" : Escape(part)));

    private static async Task<IReadOnlyCollection<string>> SampleAsync(RedisSession session, CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var page in RedisScan.PagesAsync(session, ["SCAN"], [], MaxBytes, cancellationToken))
        {
            keys.UnionWith(page.Select(key => key.Text));
            if (keys.Count >= MaxKeys)
            {
                break;
            }
        }

        return keys;
    }

    private static async Task<IReadOnlyList<SourceColumn>> FieldsAsync(
        RedisSession session, List<string> keys, CancellationToken cancellationToken)
    {
        var fields = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in keys.Take(SampledHashes))
        {
            var reply = await session.AskAsync(["HKEYS", key], cancellationToken);
            fields.UnionWith((reply.Items ?? []).Select(field => field.Text));
        }

        var names = DatasetColumns.Distinct(["key", .. fields.Order(StringComparer.Ordinal)]);
        return [.. names.Select(name => new SourceColumn(name, ColumnType.Text, Nullable: name != "key"))];
    }

    private static SourceColumn[] ColumnsOf(string kind)
    {
        SourceColumn Column(string name, string type = ColumnType.Text) => new(name, type, Nullable: false);
        return kind switch
        {
            "string" => [Column("key"), Column("value")],
            "list" => [Column("key"), Column("position", ColumnType.Integer), Column("value")],
            "set" => [Column("key"), Column("member")],
            "zset" => [Column("key"), Column("member"), Column("score", ColumnType.Double)],
            _ => [Column("key"), Column("id"), Column("fields", ColumnType.Json)],
        };
    }

    private static bool IsWanted(SourceTable table, string? search) =>
        string.IsNullOrWhiteSpace(search)
        || table.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || table.Columns.Any(column => column.Name.Contains(search, StringComparison.OrdinalIgnoreCase));

    // Numbers, UUIDs and long hexadecimal ids.
    private static bool IsId(string part) =>
        part.Length > 0
        && (part.All(char.IsAsciiDigit) || Guid.TryParse(part, out _) || (part.Length >= 16 && part.All(char.IsAsciiHexDigit)));

    private static string Escape(string part)
    {
        var escaped = new StringBuilder(part.Length);
        foreach (var character in part)
        {
            if (character is '*' or '?' or '[' or ']' or '^' or '\\')
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }
}
