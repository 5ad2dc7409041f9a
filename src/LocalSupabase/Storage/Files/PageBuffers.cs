using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Buffers of 1 MiB that begin where a page of memory begins: a disk reads and writes such ones without a copy in the kernel. For less,
/// ordinary pooled arrays.
/// </summary>
internal static class PageBuffers
{
    public const int Size = 1024 * 1024;
    public const int PageSize = 4096;

    // What more files than these have used at once is given back to the collector.
    private const int MaxKept = 16;

    private static readonly ConcurrentQueue<byte[]> s_free = new();

    /// <summary>A buffer of <see cref="Size"/>, or of at least as many bytes as are wanted where that is less.</summary>
    public static Memory<byte> Rent(long wanted = Size) => wanted < Size
        ? ArrayPool<byte>.Shared.Rent((int)wanted)
        : Aligned(s_free.TryDequeue(out var kept) ? kept : GC.AllocateUninitializedArray<byte>(Size + PageSize, pinned: true));

    public static void Return(Memory<byte> buffer)
    {
        if (!MemoryMarshal.TryGetArray<byte>(buffer, out var segment) || segment.Count == 0)
        {
            return;
        }

        if (segment.Array!.Length != Size + PageSize)
        {
            ArrayPool<byte>.Shared.Return(segment.Array);
        }
        else if (s_free.Count < MaxKept)
        {
            s_free.Enqueue(segment.Array);
        }
    }

    private static Memory<byte> Aligned(byte[] pinned) => MemoryMarshal.CreateFromPinnedArray(
        pinned, (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0) & (PageSize - 1)), Size);
}
