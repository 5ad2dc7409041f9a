using System.Text;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// Makes the cluster: beside its place and renamed when whole, so that an interrupted initdb leaves nothing that looks like one.
/// </summary>
internal static class ClusterInitializer
{
    /// <summary>A new cluster takes 40 MB; below this, initdb would fail half-way.</summary>
    private const long NeededSpace = 64L * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Create(
        string clusterDirectory,
        PostgresBinaries binaries,
        DatabaseUser user,
        string superuserPassword,
        CancellationToken cancellationToken)
    {
        var parent = Path.GetDirectoryName(clusterDirectory)!;
        if (DataDirectory.FreeSpace(parent) < NeededSpace)
        {
            throw DataDirectory.Full(parent);
        }

        var unfinished = $"{clusterDirectory}.new";
        var passwordFile = $"{clusterDirectory}.password";
        try
        {
            Prepare(unfinished, passwordFile, user, superuserPassword);
            var outcome = Command.Run(
                [
                    .. user.Prefix(), binaries.InitDb, "-D", unfinished, $"--username={LoginNames.Superuser}", $"--pwfile={passwordFile}",
                    "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions",
                ],
                cancellationToken);
            if (!outcome.Succeeded)
            {
                throw Failed(parent, outcome.Output);
            }

            Directory.Move(unfinished, clusterDirectory);
            LibC.SynchronizeDirectory(parent);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataDirectory.Translate(parent, exception);
        }
        finally
        {
            File.Delete(passwordFile);
            Remove(unfinished);
        }
    }

    private static void Prepare(string unfinished, string passwordFile, DatabaseUser user, string superuserPassword)
    {
        File.Delete(passwordFile);
        Remove(unfinished);
        Directory.CreateDirectory(unfinished, OwnerOnly | UnixFileMode.UserExecute);
        user.Own(unfinished);

        // A file and not a pipe: the server's user may not open our /dev/stdin.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var stream = new FileStream(passwordFile, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(superuserPassword));
        }

        user.Own(passwordFile);
    }

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static LocalSupabaseException Failed(string parent, string output) =>
        output.Contains("No space left on device", StringComparison.Ordinal) || DataDirectory.IsFull(parent)
            ? DataDirectory.Full(parent)
            : new LocalSupabaseException(
                "postgres_init_failed",
                $"initdb could not make a cluster in {parent}: {output}",
                "Correct what initdb complains about, and start again.");
}
