using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Platform.SharedKernel.Infrastructure.Encryption;
using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>
/// Cursors of keyset pages. Ids are UUIDv7, so an id alone is a place in the order of creation. A cursor is signed for its list, so that
/// a made-up one is refused instead of read.
/// </summary>
public sealed class Cursors
{
    private const int IdBytes = 16;
    private const int TagBytes = 12;
    private readonly byte[] _key;

    internal Cursors(MasterKeyRing masterKeys) => _key = masterKeys.Derive("cursors");

    /// <summary>The place of a request's cursor.</summary>
    /// <param name="list">The list's name.</param>
    /// <param name="cursor">The cursor, or null for the first page.</param>
    /// <returns>The id of the last item seen, or null.</returns>
    public Guid? Decode(string list, string? cursor)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        var bytes = new byte[IdBytes + TagBytes];
        if (Base64Url.GetMaxDecodedLength(cursor.Length) > bytes.Length + 2
            || !Base64Url.IsValid(cursor)
            || !Base64Url.TryDecodeFromChars(cursor, bytes, out var written)
            || written != bytes.Length
            || !CryptographicOperations.FixedTimeEquals(bytes.AsSpan(IdBytes), Tag(list, bytes.AsSpan(0, IdBytes))))
        {
            throw new CursorException();
        }

        return new Guid(bytes.AsSpan(0, IdBytes), bigEndian: true);
    }

    /// <summary>Makes a page of one item more than asked for.</summary>
    /// <typeparam name="T">An item.</typeparam>
    /// <param name="list">The list's name.</param>
    /// <param name="items">At most <c>Take + 1</c> items in order.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="idOf">An item's id.</param>
    /// <returns>The page.</returns>
    public Page<T> ToPage<T>(string list, IReadOnlyList<T> items, PageRequest request, Func<T, Guid> idOf)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(idOf);
        if (items.Count <= request.Take)
        {
            return new Page<T>(items, null);
        }

        var shown = items.Take(request.Take).ToList();
        return new Page<T>(shown, Encode(list, idOf(shown[^1])));
    }

    private string Encode(string list, Guid id)
    {
        var bytes = id.ToByteArray(bigEndian: true);
        return Base64Url.EncodeToString([.. bytes, .. Tag(list, bytes)]);
    }

    private byte[] Tag(string list, ReadOnlySpan<byte> id) =>
        HMACSHA256.HashData(_key, (byte[])[.. Encoding.UTF8.GetBytes(list), 0, .. id])[..TagBytes];
}

/// <summary>400: the cursor is not one of ours.</summary>
internal sealed class CursorException() : BadHttpRequestException("The cursor is not one that this list has given.");
