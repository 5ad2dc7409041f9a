using System.Globalization;

namespace Platform.Connectors.Types;

/// <summary>The names of a stream's columns.</summary>
internal static class DatasetColumns
{
    /// <summary>The member name of a column in a stream's lines: short, and distinct where the source repeats a name.</summary>
    public static string KeyOf(int ordinal) => string.Create(CultureInfo.InvariantCulture, $"c{ordinal}");

    /// <summary>Makes names distinct, as a dataset's must be: <c>id</c>, <c>id_2</c>.</summary>
    public static IReadOnlyList<string> Distinct(IEnumerable<string> names)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var distinct = new List<string>();
        foreach (var name in names.Select(name => name.Length == 0 ? "column" : name))
        {
            var candidate = name;
            for (var number = 2; !taken.Add(candidate); number++)
            {
                candidate = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            }

            distinct.Add(candidate);
        }

        return distinct;
    }
}
