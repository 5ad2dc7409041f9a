using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Identity.Domain;

namespace Platform.Identity.Persistence;

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.Property(user => user.Id).ValueGeneratedNever();
        builder.Property(user => user.Metadata).HasColumnType("jsonb");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class UserProfileConfiguration : IEntityTypeConfiguration<UserProfile>
{
    public void Configure(EntityTypeBuilder<UserProfile> builder)
    {
        builder.Property(profile => profile.Id).ValueGeneratedNever();
        builder.Property(profile => profile.Preferences).HasColumnType("jsonb");
        builder.Property(profile => profile.Settings).HasColumnType("jsonb");
        builder.Property<uint>("xmin").IsRowVersion();
    }
}

internal sealed class KeyRotationConfiguration : IEntityTypeConfiguration<KeyRotation>
{
    public void Configure(EntityTypeBuilder<KeyRotation> builder) => builder.Property(rotation => rotation.Id).ValueGeneratedNever();
}

internal sealed class UserKeyConfiguration : IEntityTypeConfiguration<UserKey>
{
    public void Configure(EntityTypeBuilder<UserKey> builder)
    {
        builder.HasKey(key => key.KeyId);
        builder.Property(key => key.KeyId).ValueGeneratedNever();
    }
}
