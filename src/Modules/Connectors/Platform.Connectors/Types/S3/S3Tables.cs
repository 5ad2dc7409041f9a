using System.Text.RegularExpressions;

namespace Platform.Connectors.Types.S3;

/// <summary>
/// The names of objects as tables: the file's name without its ending where that is a plain word and no other object has it, such as
/// <c>orders</c>; else the key below the prefix, such as <c>"2026/orders.csv"</c>.
/// </summary>
internal static partial class S3Tables
{
    public static IReadOnlyDictionary<string, S3Object> Of(IEnumerable<S3Object> objects, string prefix)
    {
        var tables = new Dictionary<string, S3Object>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in objects.Where(item => item.Format is not null && item.Bytes > 0)
            .GroupBy(item => Path.GetFileNameWithoutExtension(item.Key), StringComparer.OrdinalIgnoreCase))
        {
            var isShort = group.Count() == 1 && PlainWord().IsMatch(group.Key);
            foreach (var item in group)
            {
                tables.TryAdd(isShort ? group.Key : item.Key[prefix.Length..].TrimStart('/'), item);
            }
        }

        return tables;
    }

    /// <summary>The tables whose names stand in a statement. One too many costs a download, one too few an error of the engine.</summary>
    public static IReadOnlyList<KeyValuePair<string, S3Object>> NamedIn(string sql, IReadOnlyDictionary<string, S3Object> tables)
    {
        var words = Word().Matches(sql).Select(match => match.Groups[1].Success
            ? match.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal)
            : match.Value);
        var named = words.ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. tables.Where(table => named.Contains(table.Key))];
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainWord();

    [GeneratedRegex("\"((?:[^\"]|\"\")+)\"|[A-Za-z_][A-Za-z0-9_]*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
