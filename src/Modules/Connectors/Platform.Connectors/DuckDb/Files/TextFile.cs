using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Platform.Connectors.Types;

namespace Platform.Connectors.DuckDb.Files;

/// <summary>Makes sure that a text file is UTF-8 without a mark: what is something else is written anew, piece by piece.</summary>
internal static class TextFile
{
    public const string Utf8Name = "utf-8";
    private const string Utf16Little = "utf-16le";
    private const string Utf16Big = "utf-16be";
    private const string Windows = "windows-1252";
    private const int PieceBytes = 1024 * 1024;

    private static readonly (string Name, byte[] Bytes)[] Marks =
        [(Utf8Name, [0xEF, 0xBB, 0xBF]), ("utf-32", [0xFF, 0xFE, 0, 0]), (Utf16Little, [0xFF, 0xFE]), (Utf16Big, [0xFE, 0xFF])];

    private static readonly (string What, byte[] Bytes)[] Binaries =
    [
        ("a ZIP archive or a workbook; if it is one, set the format to xlsx", [0x50, 0x4B, 3, 4]),
        ("a Parquet file; set the format to parquet", [0x50, 0x41, 0x52, 0x31]),
        ("compressed with gzip; unpack it", [0x1F, 0x8B]),
        ("compressed with zstd; unpack it", [0x28, 0xB5, 0x2F, 0xFD]),
        ("an old Excel workbook (XLS); save it as XLSX", [0xD0, 0xCF, 0x11, 0xE0]),
        ("a PDF document", [0x25, 0x50, 0x44, 0x46, 0x2D]),
        ("a SQLite database; make a sqlite connector of it", "SQLite format 3\0"u8.ToArray()),
    ];

    /// <summary>The text as UTF-8.</summary>
    /// <param name="input">The foreign file.</param>
    /// <param name="output">A path for what has to be written anew.</param>
    /// <param name="reading">Names the encoding, or not.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The file to read, and the name of the encoding that the foreign one has.</returns>
    public static (string Path, string Encoding) Prepare(
        string input, string output, FileReading reading, CancellationToken cancellationToken)
    {
        var head = ReadHead(input);
        var mark = Array.Find(Marks, mark => head.AsSpan().StartsWith(mark.Bytes));
        var encoding = Choose(head, mark.Name, reading.Encoding);
        if (encoding == Utf8Name && mark.Bytes is null)
        {
            if (!reading.GuessesEncoding || IsUtf8(input, cancellationToken))
            {
                Check(input, cancellationToken);
                return (input, encoding);
            }

            encoding = Windows;
        }

        Transcode(input, output, encoding, mark.Bytes?.Length ?? 0, cancellationToken);
        Check(output, cancellationToken);
        return (output, encoding);
    }

    private static byte[] ReadHead(string input)
    {
        using var file = File.OpenRead(input);
        var head = new byte[4096];
        return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }

    private static string Choose(byte[] head, string? marked, string? given)
    {
        var name = given is "latin-1" ? "iso-8859-1" : given;
        if (head.Length == 0)
        {
            throw Invalid("The file is empty.");
        }

        if (Array.Find(Binaries, binary => head.AsSpan().StartsWith(binary.Bytes)).What is { } what)
        {
            throw Invalid($"The file is no text: it is {what}.");
        }

        if (marked is "utf-32")
        {
            throw Invalid("The file is UTF-32, which cannot be read; save it as UTF-8.");
        }

        if (marked is not null && name is not null && name != marked)
        {
            throw new SourceException(
                SourceFailure.InvalidConfig,
                $"The encoding is set to {given}, but the file begins with the mark of {marked}; leave it out.");
        }

        return marked ?? name ?? (LooksLikeUtf16(head) is { } wide
            ? throw Invalid($"The file looks like UTF-16 without a byte order mark. If so, set the encoding to {wide}.")
            : Utf8Name);
    }

    // Latin letters have their zero on one side, always.
    private static string? LooksLikeUtf16(byte[] head)
    {
        var pairs = head.Length / 2;
        var (even, odd) = (0, 0);
        for (var at = 0; at < pairs * 2; at += 2)
        {
            even += head[at] == 0 ? 1 : 0;
            odd += head[at + 1] == 0 ? 1 : 0;
        }

        return pairs < 2 ? null : odd > pairs * 0.8 && even == 0 ? Utf16Little : even > pairs * 0.8 && odd == 0 ? Utf16Big : null;
    }

    private static Encoding EncodingOf(string name) => name switch
    {
        Utf8Name => Encoding.UTF8,
        Utf16Little => new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true),
        Utf16Big => new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true),
        Windows => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
        "iso-8859-1" => Encoding.Latin1,
        _ => throw new SourceException(SourceFailure.InvalidConfig, $"The encoding {name} is not known."),
    };

    private static void Transcode(string input, string output, string encoding, int skipped, CancellationToken cancellationToken)
    {
        using var source = File.OpenRead(input);
        source.Position = skipped;
        using var target = new FileStream(output, FileMode.Create, FileAccess.Write);
        using var text = encoding == Utf8Name ? source : Encoding.CreateTranscodingStream(source, EncodingOf(encoding), Encoding.UTF8);
        var piece = new byte[PieceBytes];
        try
        {
            for (int read; (read = text.Read(piece)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                target.Write(piece, 0, read);
            }
        }
        catch (DecoderFallbackException exception)
        {
            throw new SourceException(SourceFailure.DataInvalid, $"The file is no valid {encoding}; set another encoding.", exception);
        }
    }

    private static bool IsUtf8(string path, CancellationToken cancellationToken)
    {
        try
        {
            Check(path, cancellationToken);
            return true;
        }
        catch (SourceException)
        {
            return false;
        }
    }

    /// <summary>Throws where the bytes are no text, with the line.</summary>
    private static void Check(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenRead(path);
        var piece = new byte[PieceBytes];
        var (kept, offset, line) = (0, 0L, 1L);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = file.ReadAtLeast(piece.AsSpan(kept), piece.Length - kept, throwOnEndOfStream: false);
            var filled = kept + read;
            if (filled == 0)
            {
                return;
            }

            // A letter may lie on both sides of the piece's end.
            var whole = filled < piece.Length ? filled : filled - CutOff(piece);
            var bytes = piece.AsSpan(0, whole);
            if (bytes.Contains((byte)0) || !Utf8.IsValid(bytes))
            {
                throw Describe(bytes, offset, line);
            }

            line += bytes.Count((byte)'\n');
            offset += whole;
            kept = filled - whole;
            piece.AsSpan(whole, kept).CopyTo(piece);
            if (filled < piece.Length)
            {
                return;
            }
        }
    }

    /// <summary>How many bytes at the end begin a letter that is not complete.</summary>
    private static int CutOff(ReadOnlySpan<byte> piece)
    {
        for (var back = 1; back <= 3; back++)
        {
            var value = piece[^back];
            if ((value & 0xC0) != 0x80)
            {
                var length = value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : value >= 0xC0 ? 2 : 1;
                return length > back ? back : 0;
            }
        }

        return 0;
    }

    private static SourceException Describe(ReadOnlySpan<byte> bytes, long offset, long line)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var valid = Rune.DecodeFromUtf8(bytes[at..], out var rune, out var length) == System.Buffers.OperationStatus.Done;
            if (!valid || rune.Value == 0)
            {
                break;
            }

            line += rune.Value == '\n' ? 1 : 0;
            at += length;
        }

        return Invalid(bytes[at] == 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Line {line} holds a zero byte (at offset {offset + at}): it is no text, or it is UTF-16 and its encoding must be set.")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Line {line} is not valid UTF-8 (byte 0x{bytes[at]:X2} at offset {offset + at}). Set the encoding of the file: "
                + $"{Windows} is that of most spreadsheets; others are iso-8859-1, {Utf16Little} and {Utf16Big}."));
    }

    private static SourceException Invalid(string message) => new(SourceFailure.DataInvalid, message);
}
