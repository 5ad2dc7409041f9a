using System.Runtime.CompilerServices;

namespace Platform.Connectors.Results;

/// <summary>A file of lines, in pieces that end with a line.</summary>
internal static class LineChunks
{
    private const byte NewLine = (byte)'\n';

    /// <summary>Reads a file; there is at least one piece, which is empty if the file is.</summary>
    /// <param name="path">A file whose every line ends with a line feed.</param>
    /// <param name="bytes">About how long a piece is; one line may make it longer.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The lines and their number.</returns>
    public static async IAsyncEnumerable<(ReadOnlyMemory<byte> Lines, int Count)> ReadAsync(
        string path, int bytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        var (buffer, filled) = (new byte[bytes], 0);
        while (true)
        {
            var read = await file.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            filled += read;
            if (read == 0)
            {
                yield return (buffer.AsMemory(0, filled).ToArray(), CountLines(buffer.AsSpan(0, filled)));
                yield break;
            }

            if (filled < buffer.Length)
            {
                continue;
            }

            var end = buffer.AsSpan(0, filled).LastIndexOf(NewLine) + 1;
            if (end == 0)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
                continue;
            }

            yield return (buffer.AsMemory(0, end).ToArray(), CountLines(buffer.AsSpan(0, end)));
            buffer.AsSpan(end, filled - end).CopyTo(buffer);
            filled -= end;
        }
    }

    private static int CountLines(ReadOnlySpan<byte> lines) => lines.Count(NewLine);
}
