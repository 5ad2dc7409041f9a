using System.Globalization;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Postgres;

/// <summary>
/// The unprivileged user that the server runs as: ourselves, or another when we are root, which PostgreSQL refuses to run as.
/// </summary>
internal sealed record DatabaseUser(uint UserId, uint GroupId, bool IsOurselves)
{
    private const string OwnUserName = "platform-postgres";
    private const UnixFileMode GroupAccess = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;

    public static DatabaseUser Resolve(string clusterDirectory, CancellationToken cancellationToken)
    {
        var owner = LibC.Look(clusterDirectory);
        var ourId = LibC.EffectiveUserId();
        if (ourId != 0)
        {
            return owner is null || owner.UserId == ourId
                ? new DatabaseUser(ourId, 0, IsOurselves: true)
                : throw new LocalSupabaseException(
                    "data_directory_not_owned",
                    $"The cluster in {clusterDirectory} belongs to another user (id {owner.UserId}).",
                    "Start the Host as that user or as root, or change the owner of the whole data directory to this user.");
        }

        if (owner is { UserId: not 0 } found)
        {
            return new DatabaseUser(found.UserId, found.GroupId, IsOurselves: false);
        }

        var user = Find("postgres") ?? Find(OwnUserName) ?? Create(cancellationToken);
        if (owner is not null)
        {
            // A copy that was restored by root: the server insists on owning its files.
            Command.Run(["chown", "-R", $"{user.UserId}:{user.GroupId}", clusterDirectory], cancellationToken);
        }

        return user;
    }

    /// <summary>What to put before a command line so that it runs as this user.</summary>
    public IReadOnlyList<string> Prefix() => IsOurselves
        ? []
        : ["setpriv", $"--reuid={UserId}", $"--regid={GroupId}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"];

    /// <summary>Gives a file or folder to this user.</summary>
    public void Own(string path)
    {
        if (!IsOurselves)
        {
            LibC.ChangeOwner(path, UserId, GroupId);
        }
    }

    /// <summary>
    /// Lets this user pass through a folder of ours, and nobody else: by its group, and only where no group had any right before.
    /// Folders above are not ours to change.
    /// </summary>
    public void AllowPassage(string directory)
    {
        if (IsOurselves || LibC.Look(directory) is not { UserId: 0 })
        {
            return;
        }

        var mode = File.GetUnixFileMode(directory);
        if ((mode & (GroupAccess | UnixFileMode.OtherExecute)) == 0)
        {
            LibC.ChangeOwner(directory, 0, GroupId);
            File.SetUnixFileMode(directory, mode | UnixFileMode.GroupExecute);
        }
    }

    /// <summary>Asks the kernel, as this user: every folder above counts, and so do access lists and mount options.</summary>
    public bool CanReach(string path, CancellationToken cancellationToken) =>
        IsOurselves || Command.Run([.. Prefix(), "test", "-x", path], cancellationToken).Succeeded;

    private static DatabaseUser? Find(string name)
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            var fields = line.Split(':');
            if (fields.Length > 3 && fields[0] == name)
            {
                return new DatabaseUser(
                    uint.Parse(fields[2], CultureInfo.InvariantCulture),
                    uint.Parse(fields[3], CultureInfo.InvariantCulture),
                    IsOurselves: false);
            }
        }

        return null;
    }

    private static DatabaseUser Create(CancellationToken cancellationToken)
    {
        var outcome = Command.Run(
            [
                "useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                "--shell", "/usr/sbin/nologin", OwnUserName,
            ],
            cancellationToken);

        // Another Host may have created it at the same moment, so what counts is that it is there now.
        return Find(OwnUserName) ?? throw new LocalSupabaseException(
            "postgres_user_missing",
            $"PostgreSQL does not run as root, and no user for it could be created: {outcome.Output}",
            "Create a system user named postgres, or start the Host as an ordinary user.");
    }
}
