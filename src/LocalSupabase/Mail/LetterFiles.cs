using Npgsql;
using Platform.LocalSupabase.Database;

namespace Platform.LocalSupabase.Mail;

/// <summary>
/// Keeps the files of mails in <c>mail.attachments</c>, on a connection that the caller owns. They go when their mail goes.
/// </summary>
internal static class LetterFiles
{
    /// <summary>Stores the files of a mail. Those that are there already stay as they are.</summary>
    public static async Task AttachAsync(
        this NpgsqlConnection connection, Guid letterId, IReadOnlyList<LetterFile> files, CancellationToken cancellationToken)
    {
        for (var position = 0; position < files.Count; position++)
        {
            var (name, mediaType, content) = files[position];
            await connection.Command(
                """
                insert into mail.attachments (letter_id, position, name, media_type, content) values (@letter, @position, @name, @type, @content)
                on conflict (letter_id, position) do nothing
                """,
                ("letter", letterId), ("position", position), ("name", name), ("type", mediaType), ("content", content.ToArray()))
                .ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>The files of a mail, in their order.</summary>
    public static Task<List<LetterFile>> FilesOfAsync(this NpgsqlConnection connection, Guid letterId, CancellationToken cancellationToken) =>
        connection.Command("select name, media_type, content from mail.attachments where letter_id = @letter order by position", ("letter", letterId))
            .ListAsync(reader => new LetterFile(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2)), cancellationToken);

    /// <summary>What the files of some mails are called, and how large they are.</summary>
    public static Task<List<LetterFileName>> NamesOfFilesAsync(
        this NpgsqlConnection connection, IEnumerable<Guid> letterIds, CancellationToken cancellationToken) =>
        connection.Command(
            """
            select letter_id, name, media_type, octet_length(content)::bigint from mail.attachments
            where letter_id = any (@letters) order by letter_id, position
            """,
            ("letters", letterIds.ToArray()))
            .ListAsync(reader => new LetterFileName(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3)), cancellationToken);
}

/// <summary>What a file of a mail is called, and how large it is.</summary>
internal sealed record LetterFileName(Guid LetterId, string Name, string MediaType, long Bytes);
