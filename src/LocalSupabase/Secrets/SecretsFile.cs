using System.Text.Json;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Secrets;

/// <summary>Reads and writes <c>secrets.json</c>; never guesses when something is wrong with it.</summary>
internal sealed class SecretsFile(string dataDirectory)
{
    private const UnixFileMode NotForOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public string Path { get; } = System.IO.Path.Combine(dataDirectory, "secrets.json");

    /// <summary>Null when there is no such file.</summary>
    public SecretsDocument? Read()
    {
        byte[] content;
        try
        {
            if (!File.Exists(Path))
            {
                return null;
            }

            content = File.ReadAllBytes(Path);
            if ((File.GetUnixFileMode(Path) & NotForOthers) != 0)
            {
                throw new LocalSupabaseException(
                    "secrets_exposed",
                    $"{Path} may be read or written by other users than its owner.",
                    $"Run \"chmod 600 {Path}\", and consider the keys in it as known to those users.");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LocalSupabaseException(
                "secrets_unreadable",
                $"{Path} cannot be read by this user.",
                "Start the Host as the user that owns the data directory.",
                exception);
        }

        return Parse(content);
    }

    /// <summary>Writes new secrets; when another process was quicker, its secrets count.</summary>
    public SecretsDocument Create(SecretsDocument document)
    {
        try
        {
            Write(document, overwrite: false);
            return document;
        }
        catch (IOException) when (File.Exists(Path))
        {
            return Read()!;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataDirectory.Translate(dataDirectory, exception);
        }
    }

    public void Replace(SecretsDocument document) => DataDirectory.Guard(dataDirectory, () =>
    {
        Write(document, overwrite: true);
        return true;
    });

    private void Write(SecretsDocument document, bool overwrite) =>
        AtomicFile.Write(Path, JsonSerializer.SerializeToUtf8Bytes(document, SecretsJson.Default.SecretsDocument), overwrite);

    private SecretsDocument Parse(byte[] content)
    {
        JsonException? reason = null;
        try
        {
            if (JsonSerializer.Deserialize(content, SecretsJson.Default.SecretsDocument) is { } document && document.IsWhole())
            {
                return document;
            }
        }
        catch (JsonException exception)
        {
            reason = exception;
        }

        throw new LocalSupabaseException(
            "secrets_corrupt",
            $"{Path} is damaged: it is no complete set of secrets.",
            "Restore it from a backup. It is not made anew, since the database's passwords and stored credentials depend on it.",
            reason);
    }
}
