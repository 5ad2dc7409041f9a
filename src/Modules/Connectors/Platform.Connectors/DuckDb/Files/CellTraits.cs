using System.Buffers;
using System.Text;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>What cells of a column have, all in all: a column that has less is read by a plainer expression.</summary>
[Flags]
internal enum CellTraits
{
    None = 0,

    /// <summary>A comma.</summary>
    Comma = 1,

    /// <summary>A point, or the e of an exponent.</summary>
    Point = 2,

    /// <summary>A colon, as times have.</summary>
    Colon = 4,

    /// <summary>A text that is null where the column is no text.</summary>
    NullText = 8,

    /// <summary>What the engine takes for a number that would not be written like that: postal codes, phone numbers, long ids.</summary>
    Code = 16,

    /// <summary>A time that says how far it is from UTC.</summary>
    Offset = 32,

    /// <summary>Where nobody has looked.</summary>
    Unknown = Comma | Point | Colon | NullText | Offset,
}

/// <summary>Looks at cells.</summary>
internal static class CellLook
{
    private const CellTraits Signs = CellTraits.Comma | CellTraits.Point | CellTraits.Colon;
    private static readonly SearchValues<byte> Sought = SearchValues.Create(",.eE:_"u8);
    private static readonly SearchValues<byte> Points = SearchValues.Create(".eE"u8);

    /// <summary>Texts that people write for nothing. They are so only where the column is no text: "NA" is a country, too.</summary>
    public static IReadOnlyList<string> NullTexts { get; } =
    [
        "NA", "N/A", "n/a", "NULL", "Null", "null", "None", "\\N", "-", "--",
        "#N/A", "#NA", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!",
    ];

    private static readonly byte[][] NullBytes = [.. NullTexts.Select(Encoding.UTF8.GetBytes)];
    private static readonly SearchValues<byte> NullBegins = SearchValues.Create([.. NullBytes.Select(bytes => bytes[0])]);

    /// <summary>The traits of a column that has this cell, too.</summary>
    public static CellTraits With(this CellTraits traits, ReadOnlySpan<byte> cell)
    {
        if ((traits & Signs) != Signs && cell.IndexOfAny(Sought) >= 0)
        {
            traits |= cell.Contains((byte)',') ? CellTraits.Comma : CellTraits.None;
            traits |= cell.IndexOfAny(Points) >= 0 ? CellTraits.Point : CellTraits.None;
            traits |= cell.Contains((byte)'_') ? CellTraits.Code : CellTraits.None;
            traits |= LookForTime(cell);
        }

        traits |= IsNull(cell) ? CellTraits.NullText : CellTraits.None;
        return IsCode(cell) ? traits | CellTraits.Code : traits;
    }

    private static CellTraits LookForTime(ReadOnlySpan<byte> cell)
    {
        var colon = cell.IndexOf((byte)':');
        if (colon < 0)
        {
            return CellTraits.None;
        }

        var hasOffset = cell[^1] is (byte)'Z' or (byte)'z' || cell[colon..].IndexOfAny((byte)'+', (byte)'-') > 0;
        return hasOffset ? CellTraits.Colon | CellTraits.Offset : CellTraits.Colon;
    }

    private static bool IsNull(ReadOnlySpan<byte> cell)
    {
        if (cell.Length > 7 || !NullBegins.Contains(cell[0]))
        {
            return false;
        }

        foreach (var text in NullBytes)
        {
            if (cell.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsCode(ReadOnlySpan<byte> cell)
    {
        if (cell.Length > 2 && cell[0] == '0' && cell[1] is (byte)'x' or (byte)'X' or (byte)'b' or (byte)'B')
        {
            return true;
        }

        var isSuspect = cell.Length > 18 || (cell[0] == '0' && cell.Length > 1) || (cell[0] == '+' && cell.Length > 7);
        return isSuspect && cell[(cell[0] == '+' ? 1 : 0)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
