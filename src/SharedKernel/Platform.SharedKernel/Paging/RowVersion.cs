using System.Globalization;
using System.Text.Json.Serialization;

namespace Platform.SharedKernel.Paging;

/// <summary>
/// The version of a row, which becomes its <c>ETag</c>. It is read late: the version of a row that a command writes is known only
/// after the save, when the handler has returned.
/// </summary>
public sealed class RowVersion
{
    private readonly Func<uint>? _read;
    private uint? _value;

    /// <summary>A version that is known.</summary>
    /// <param name="value">The row's <c>xmin</c>.</param>
    public RowVersion(uint value) => _value = value;

    /// <summary>A version that will be known after the save.</summary>
    /// <param name="read">Reads it.</param>
    public RowVersion(Func<uint> read) => _read = read;

    /// <summary>The row's <c>xmin</c>. Asked before the save of the command that writes the row, it would be the old one.</summary>
    public uint Value => _value ??= _read!();

    /// <summary>The strong entity tag, quotes included (RFC 9110, section 8.8.3).</summary>
    public string ETag => $"\"{Value.ToString("x8", CultureInfo.InvariantCulture)}\"";

    /// <summary>Reads an entity tag that <see cref="ETag"/> wrote.</summary>
    /// <param name="tag">One tag, quotes included.</param>
    /// <param name="value">The version.</param>
    /// <returns>Whether it is one of ours.</returns>
    public static bool TryParse(ReadOnlySpan<char> tag, out uint value)
    {
        value = 0;
        return tag.Length == 10 && tag[0] == '"' && tag[9] == '"'
            && uint.TryParse(tag[1..9], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>A response that is one resource: the kernel's filter sends its <c>ETag</c> and answers 304 where the client has it.</summary>
public abstract record VersionedResponse
{
    /// <summary>The version of the row behind the response. Not part of the JSON.</summary>
    [JsonIgnore]
    public RowVersion? Version { get; set; }
}
